using System.Net;
using System.Text.Json;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>Installations that come, go and change while tokens are cached.</summary>
public sealed class InstallationTests
{
    private const string Organization = "/orgs/octo-org/actions/runners/registration-token";
    private const string Hello = "/repos/octo-org/hello/actions/runners/registration-token";
    private const string Other = "/repos/octo-org/other/actions/runners/registration-token";

    [Fact]
    public async Task Not_installed_is_remembered_by_the_whole_scope_and_never_by_the_owner()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Accounts.AddRepository("octo-org", "other");
        broker.GitHub.Accounts.SelectRepositories("octo-org", "hello");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(broker, Other));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Hello));
        var requests = broker.GitHub.Requests.Total;
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(broker, Other.Replace("registration", "remove", StringComparison.Ordinal)));
        Assert.Equal(requests, broker.GitHub.Requests.Total);

        broker.GitHub.Accounts.SelectRepositories("octo-org", "hello", "other");
        broker.Clock!.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Other));
    }

    [Fact]
    public async Task A_repository_that_is_not_selected_is_404_also_when_the_owners_installation_is_known()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Accounts.AddRepository("octo-org", "other");
        broker.GitHub.Accounts.SelectRepositories("octo-org", "hello");
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Hello));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(broker, Other));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Hello));
    }

    [Fact]
    public async Task Many_repositories_of_one_owner_need_one_look_up()
    {
        await using var broker = await TestBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(50));
        var names = Enumerable.Range(0, 20).Select(number => "repository-" + number).ToList();
        names.ForEach(name => broker.GitHub.Accounts.AddRepository("octo-org", name));
        var jwt = broker.Issuer.Sign();
        var answers = await Task.WhenAll(
            names.Select(name => broker.PostAsync($"/repos/octo-org/{name}/actions/runners/registration-token", jwt)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Equal(1, broker.GitHub.Requests.InstallationLookups);
        Assert.Equal(20, broker.GitHub.Requests.RegistrationTokens);
        Assert.InRange(broker.GitHub.Requests.PeakInFlight, 1, 20);
    }

    [Fact]
    public async Task Requests_to_GitHub_at_once_are_bounded()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration["GitHub"]!["MaxConcurrentRequests"] = 3);
        var names = Enumerable.Range(0, 20).Select(number => "repository-" + number).ToList();
        names.ForEach(name => broker.GitHub.Accounts.AddRepository("octo-org", name));
        var jwt = broker.Issuer.Sign();
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: "registration-token");
        var answers = Task.WhenAll(
            names.Select(name => broker.PostAsync($"/repos/octo-org/{name}/actions/runners/registration-token", jwt)));

        // Whoever holds a place waits, so those that have none had their chance.
        await Eventually.IsTrueAsync(() => broker.GitHub.Requests.Held == 3, "all places were taken");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
        Assert.Equal(3, broker.GitHub.Requests.Held + broker.GitHub.Requests.InFlight);

        broker.GitHub.Faults.Clear();
        Assert.All(await answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
    }

    [Fact]
    public async Task When_GitHub_says_no_cached_tokens_of_both_kinds_go()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var remove = Organization.Replace("registration", "remove", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, remove));
        broker.Clock!.Advance(TimeSpan.FromMinutes(20));
        broker.GitHub.Accounts.SetPermissions("octo-org", new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata"] = "read" });
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(broker, Organization + "?min_lifetime=2700"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(broker, Organization));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(broker, remove));
    }

    [Theory]
    [InlineData(true, HttpStatusCode.Created, "removed and installed anew")]
    [InlineData(false, HttpStatusCode.NotFound, "removed")]
    public async Task An_installation_token_that_was_withdrawn_is_replaced_once(bool again, HttpStatusCode expected, string why)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        broker.GitHub.Accounts.Uninstall("octo-org");
        if (again)
            broker.GitHub.Accounts.Install("octo-org");
        broker.Clock!.Advance(TimeSpan.FromMinutes(20));
        Assert.True(expected == await StatusAsync(broker, Organization + "?min_lifetime=2700"), why);
    }

    [Fact]
    public async Task An_installation_suspended_while_its_token_is_cached_is_403()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        broker.GitHub.Accounts.Suspend("octo-org");
        broker.Clock!.Advance(TimeSpan.FromMinutes(20));
        using var response = await broker.PostAsync(Organization + "?min_lifetime=2700");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("suspended", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        broker.GitHub.Accounts.Unsuspend("octo-org");
        broker.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
    }

    [Theory]
    [InlineData(SandboxFaultNames.ReplicationLag)]
    [InlineData(SandboxFaultNames.ReplicationLag403)]
    public async Task A_fresh_installation_token_that_is_refused_is_tried_again_for_some_seconds(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, seconds: 3);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        Assert.Equal(1, broker.GitHub.Requests.InstallationTokens);
    }

    [Fact]
    public async Task A_token_that_falls_short_is_handed_out_and_not_minted_again_for_a_minute()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.ShortToken, seconds: 300);
        for (var tries = 0; tries < 3; tries++)
            Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization + "?min_lifetime=600"));
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);
        broker.Clock!.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization + "?min_lifetime=600"));
        Assert.Equal(2, broker.GitHub.Requests.RegistrationTokens);
    }

    [Fact]
    public async Task Installation_tokens_are_narrowed_to_one_permission_and_one_repository()
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Hello));
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker, Organization));
        var (repository, organization) = (broker.GitHub.InstallationTokens[0], broker.GitHub.InstallationTokens[1]);
        Assert.Equal("write", repository.Permissions["administration"]);
        Assert.Single(repository.Repositories!);
        Assert.Equal("write", organization.Permissions["organization_self_hosted_runners"]);
        Assert.DoesNotContain("administration", organization.Permissions.Keys);
    }

    [Fact]
    public async Task Of_GitHubs_answer_all_is_passed_on_but_the_repositories()
    {
        await using var broker = await TestBroker.StartAsync();
        using var repository = await broker.PostAsync(Hello);
        var body = JsonElement.Parse(await repository.Content.ReadAsStringAsync());
        Assert.Equal("selected", body.GetProperty("repository_selection").GetString());
        Assert.True(body.TryGetProperty("permissions", out _));
        Assert.True(body.TryGetProperty("single_file", out _));
        Assert.False(body.TryGetProperty("repositories", out _));

        using var enterprise = await broker.PostAsync("/enterprises/octo-ent/actions/runners/registration-token");
        Assert.Matches(
            @"""expires_at"":""\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d""",
            await enterprise.Content.ReadAsStringAsync());
    }

    private static async Task<HttpStatusCode> StatusAsync(TestBroker broker, string path)
    {
        using var response = await broker.PostAsync(path);
        return response.StatusCode;
    }
}
