using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Accounts;

public sealed class AccountTests
{
    private const string OfUser = "/repos/octocat/hello/actions/runners/registration-token";

    [Theory]
    [InlineData("/users/octo-org")]
    [InlineData("/api/v3/users/octo-org")]
    [InlineData("/users/OCTO-Org")]
    public async Task An_owner_is_name_number_and_type(string path)
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.GetAsync(path)).Is(200);
        Assert.Equal("application/json; charset=utf-8", answer.Header("Content-Type"));
        Assert.Equal(["login", "id", "type"], answer.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ("octo-org", broker.GitHub.Accounts.Get("octo-org").Id, "Organization"),
            (answer.Json
                .GetProperty("login")
                .GetString(), answer.Json.GetProperty("id").GetInt64(), answer.Json.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("octo-org", "repos/octo-org/hello", true)]
    [InlineData("octo-org", "repos/octo-*/x", true)]
    [InlineData("octo-org", "orgs/OCTO-ORG", true)]
    [InlineData("octo-org", "orgs/*", true)]
    [InlineData("octo-org", "orgs/octo-two", false)]
    [InlineData("octo-org", "repos/octo-two/octo-org", false)]
    [InlineData("octo-org", "enterprises/octo-org", false)]
    [InlineData("octo-ent", "enterprises/*", false)]
    public async Task Only_owners_that_the_callers_policies_name(string owner, string scope, bool isNamed)
    {
        await using var broker = await StartAsync(scope);
        var answer = await broker.GetAsync("/users/" + owner);
        if (isNamed)
            answer.Is(200);
        else
            answer.IsFailure(403, "policy-denied");
        Assert.Equal(isNamed ? 1 : 0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task Another_callers_policies_do_not_count()
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync(
            "/users/octo-org",
            broker.Issuer.Sign(new { sub = "stranger" }),
            request => request.Method = HttpMethod.Get);
        (await ApiResponse.ReadAsync(response)).IsFailure(403, "policy-denied");
        using var nobody = await broker.Client.GetAsync("/users/octo-org");
        (await ApiResponse.ReadAsync(nobody)).IsFailure(401, "unauthenticated");
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task Where_the_App_is_not_installed_is_404_for_a_minute()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Accounts.Uninstall("octo-org");
        (await broker.GetAsync("/users/octo-org")).IsFailure(404, "not-installed");
        var requests = broker.GitHub.Requests.Total;
        broker.GitHub.Accounts.Install("octo-org");
        broker.Clock!.Advance(TimeSpan.FromSeconds(50));
        (await broker.GetAsync("/users/octo-org")).IsFailure(404, "not-installed");
        Assert.Equal(requests, broker.GitHub.Requests.Total);
        broker.Clock.Advance(TimeSpan.FromSeconds(11));
        (await broker.GetAsync("/users/octo-org")).Is(200);
    }

    [Fact]
    public async Task A_users_account_is_found_cold_and_by_what_is_known_of_its_repositories()
    {
        await using var cold = await StartForUserAsync();
        var answer = (await cold.GetAsync("/users/Octocat")).Is(200);
        Assert.Equal(
            ("octocat", cold.GitHub.Accounts.Get("octocat").Id, "User"),
            (answer.Json
                .GetProperty("login")
                .GetString(), answer.Json.GetProperty("id").GetInt64(), answer.Json.GetProperty("type").GetString()));
        Assert.Equal(
            ["/orgs/octocat/installation", "/users/octocat/installation"],
            cold.GitHub.Requests.OfKind(SandboxRequestKind.InstallationLookup).Select(entry => entry.Path));
        (await cold.SendAsync("POST", OfUser)).Is(201);
        (await cold.GetAsync("/users/octocat")).Is(200);
        Assert.Equal(2, cold.GitHub.Requests.InstallationLookups);

        await using var warm = await StartForUserAsync();
        (await warm.SendAsync("POST", OfUser)).Is(201);
        (await warm.GetAsync("/users/octocat")).Is(200);
        Assert.Equal(1, warm.GitHub.Requests.InstallationLookups);
    }

    [Fact]
    public async Task A_no_to_an_account_does_not_outlive_what_is_known_since()
    {
        await using var broker = await StartForUserAsync();
        broker.GitHub.Accounts.Uninstall("octocat");
        (await broker.GetAsync("/users/octocat")).IsFailure(404, "not-installed");
        broker.GitHub.Accounts.Install("octocat");
        (await broker.GetAsync("/users/octocat")).IsFailure(404, "not-installed");
        (await broker.SendAsync("POST", OfUser)).Is(201);
        (await broker.GetAsync("/users/octocat")).Is(200);
    }

    [Fact]
    public async Task A_no_to_an_organization_does_not_outlive_what_is_known_since()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Accounts.Uninstall("octo-org");
        (await broker.GetAsync("/users/octo-org")).IsFailure(404, "not-installed");
        broker.GitHub.Accounts.Install("octo-org");
        (await broker.SendAsync("POST", "/repos/octo-org/hello/actions/runners/registration-token")).Is(201);
        (await broker.GetAsync("/users/octo-org")).Is(200);
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task A_user_account_is_not_an_organization()
    {
        await using var broker = await StartForUserAsync("orgs/octocat");
        (await broker.GetAsync("/users/octocat")).Is(200);
        (await broker.SendAsync("POST", "/orgs/octocat/actions/runners/registration-token")).IsFailure(404, "not-installed");
        (await broker.SendAsync("POST", OfUser)).Is(201);
        (await broker.SendAsync("POST", "/orgs/octocat/actions/runners/registration-token")).IsFailure(404, "not-installed");
        (await broker.GetAsync("/users/octocat")).Is(200);
    }

    [Fact]
    public async Task Many_requests_cause_one_lookup()
    {
        await using var broker = await TestBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(100));
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => broker.GetAsync("/users/octo-org")));
        Assert.All(answers, answer => answer.Is(200));
        Assert.Equal((1, 1), (broker.GitHub.Requests.InstallationLookups, broker.GitHub.Requests.Total));

        // What is known of the installation serves the runners too.
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        Assert.Equal(1, broker.GitHub.Requests.InstallationLookups);
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("a%20b")]
    [InlineData("a%2Fb")]
    public async Task An_invalid_account_name_is_400_and_named(string owner)
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal("owner:invalid", (await broker.GetAsync("/users/" + owner)).IsFailure(400, "invalid-request").Fields);
    }

    private static async Task<TestBroker> StartForUserAsync(params string[] more)
    {
        var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            var scopes = configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Scopes"]!.AsArray();
            foreach (var scope in more.Append("repos/octocat/hello"))
                scopes.Add(scope);
        });
        broker.GitHub.Accounts.Add("octocat", SandboxAccountType.User);
        broker.GitHub.Accounts.AddRepository("octocat", "hello");
        return broker;
    }

    private static Task<TestBroker> StartAsync(string scope) => TestBroker.StartAsync((configuration, _) =>
    {
        var policies = configuration["Authorization"]!["Policies"]!;
        policies["sandbox-machines"]!["Scopes"] = new JsonArray(scope);
    });
}
