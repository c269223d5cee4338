using System.Globalization;
using System.Net;
using System.Text.Json;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>
/// Each upstream row of the failure table: what the caller sees, how long it is remembered, and that it passes without a restart.
/// </summary>
public sealed class FailureTableTests
{
    private const string Organization = "/orgs/octo-org/actions/runners/registration-token";
    private const string Repository = "/repos/octo-org/hello/actions/runners/registration-token";
    private const string Enterprise = "/enterprises/octo-ent/actions/runners/registration-token";

    public static TheoryData<string, string?, double?, string, int, string, int> Rows => new()
    {
        { SandboxFaultNames.ServerError, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.BadGateway, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.BadGateway, "registration-token", null, Enterprise, 503, "github-unavailable", 2 },
        { SandboxFaultNames.Unavailable, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.Unavailable, null, 20, Organization, 503, "github-unavailable", 20 },
        { SandboxFaultNames.Reset, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.ResetMidway, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.Html, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.TruncatedJson, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.Hang, null, null, Organization, 503, "github-unavailable", 2 },
        { SandboxFaultNames.Hang, "access_tokens", null, Repository, 503, "github-unavailable", 2 },
        { SandboxFaultNames.NoToken, null, null, Organization, 503, "useless-token", 2 },
        { SandboxFaultNames.NoToken, "access_tokens", null, Organization, 503, "useless-token", 2 },
        { SandboxFaultNames.EmptyToken, null, null, Organization, 503, "useless-token", 2 },
        { SandboxFaultNames.ExpiredToken, null, 60, Organization, 503, "useless-token", 2 },
        { SandboxFaultNames.PrimaryLimit, null, 600, Organization, 503, "rate-limited-by-github", 600 },
        { SandboxFaultNames.PrimaryLimit429, null, 600, Repository, 503, "rate-limited-by-github", 600 },
        { SandboxFaultNames.PrimaryLimitMessage, null, null, Organization, 503, "rate-limited-by-github", 60 },
        { SandboxFaultNames.PrimaryLimitMessage, "registration-token", null, Repository, 503, "rate-limited-by-github", 60 },
        { SandboxFaultNames.SecondaryLimit, null, 120, Organization, 503, "rate-limited-by-github", 120 },
        { SandboxFaultNames.SecondaryLimit, "registration-token", 120, Enterprise, 503, "rate-limited-by-github", 120 },
        { SandboxFaultNames.SecondaryLimitDate, null, 120, Organization, 503, "rate-limited-by-github", 120 },
        { SandboxFaultNames.SecondaryLimitMessage, null, null, Organization, 503, "rate-limited-by-github", 60 },
        { SandboxFaultNames.AppRefused, null, null, Organization, 503, "credential-refused", 60 },
        { SandboxFaultNames.EnterpriseTokenRefused, null, null, Enterprise, 503, "credential-refused", 60 },
        { SandboxFaultNames.NotInstalled, null, null, Organization, 404, "not-installed", 60 },
        { SandboxFaultNames.NotInstalled, null, null, Repository, 404, "not-installed", 60 },
        { SandboxFaultNames.Moved, "installation", null, Repository, 404, "moved", 60 },
        { SandboxFaultNames.Moved, "registration-token", null, Repository, 404, "moved", 60 },
        { SandboxFaultNames.MissingPermission, null, null, Organization, 403, "missing-permission", 60 },
        { SandboxFaultNames.MissingPermission, null, null, Repository, 403, "missing-permission", 60 },
        { SandboxFaultNames.MissingPermission, null, null, Enterprise, 403, "missing-permission", 60 },
        { SandboxFaultNames.Suspended, null, null, Organization, 403, "refused-by-github", 60 },
        { SandboxFaultNames.IpAllowList, null, null, Organization, 403, "refused-by-github", 60 },
        { SandboxFaultNames.RunnersDisabled, null, null, Repository, 403, "refused-by-github", 60 },
        { SandboxFaultNames.ReplicationLag, null, 600, Organization, 403, "refused-by-github", 60 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_row_is_answered_remembered_and_over(
        string fault,
        string? path,
        double? seconds,
        string scope,
        int status,
        string kind,
        int remembered)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, path: path, seconds: seconds);
        var asked = broker.Clock!.GetUtcNow();
        using var first = await broker.PostAsync(scope);
        Assert.True(broker.Clock.GetUtcNow() - asked <= TimeSpan.FromSeconds(15), "It took longer than a request's patience.");
        await AssertIsAsync(first, status, kind);
        if (status == 503)
        {
            Assert.InRange(first.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, remembered - 1, Math.Ceiling(remembered * 1.1));
            if (kind == "rate-limited-by-github" && fault != SandboxFaultNames.PrimaryLimit && fault != SandboxFaultNames.PrimaryLimit429)
                Assert.InRange(first.Headers.RetryAfter?.Delta?.TotalSeconds ?? 0, remembered, double.MaxValue);
        }

        var requests = broker.GitHub.Requests.Total;
        using var second = await broker.PostAsync(scope);
        await AssertIsAsync(second, status, kind);
        Assert.Equal(requests, broker.GitHub.Requests.Total);

        broker.GitHub.Faults.Clear();
        broker.Clock.Advance(TimeSpan.FromSeconds(remembered + 1));
        using var third = await broker.PostAsync(scope);
        Assert.True(third.StatusCode == HttpStatusCode.Created, await third.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(SandboxFaultNames.ServerError)]
    [InlineData(SandboxFaultNames.Hang)]
    [InlineData(SandboxFaultNames.PrimaryLimit)]
    [InlineData(SandboxFaultNames.SecondaryLimit)]
    [InlineData(SandboxFaultNames.ExpiredToken)]
    public async Task While_a_cached_token_lives_it_is_handed_out(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var token = await TokenAsync(broker, Organization);
        broker.Clock!.Advance(TimeSpan.FromMinutes(52));
        broker.GitHub.Faults.Add(fault, seconds: 3600);
        Assert.Equal(token, await TokenAsync(broker, Organization));
        broker.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(token, await TokenAsync(broker, Organization));
        broker.Clock.Advance(TimeSpan.FromMinutes(2));
        using var late = await broker.PostAsync(Organization);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
    }

    [Theory]
    [InlineData(SandboxFaultNames.BadGateway)]
    [InlineData(SandboxFaultNames.TruncatedJson)]
    [InlineData(SandboxFaultNames.ResetMidway)]
    [InlineData(SandboxFaultNames.Hang)]
    public async Task A_short_outage_costs_callers_nothing(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, times: 1, path: "registration-token");
        await TokenAsync(broker, Organization);
    }

    /// <summary>
    /// The first attempt reached GitHub, which has answered the same App JWT once more with 404: each attempt has its own.
    /// </summary>
    [Theory]
    [InlineData("installation", SandboxFaultNames.ResetMidway)]
    [InlineData("installation", SandboxFaultNames.Html)]
    [InlineData("access_tokens", SandboxFaultNames.ResetAfterEffect)]
    [InlineData("access_tokens", SandboxFaultNames.BadGatewayAfterEffect)]
    [InlineData("access_tokens", SandboxFaultNames.TruncatedJson)]
    public async Task A_lost_answer_to_the_App_costs_callers_nothing(string path, string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, times: 1, path: path);
        await TokenAsync(broker, Repository);
        Assert.Equal(3, broker.GitHub.Requests.InstallationLookups + broker.GitHub.Requests.InstallationTokens);
    }

    [Theory]
    [InlineData(SandboxFaultNames.SecondaryLimit)]
    [InlineData(SandboxFaultNames.PrimaryLimit)]
    [InlineData(SandboxFaultNames.BadGateway)]
    public async Task One_owners_trouble_is_not_anothers(string fault)
    {
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Scopes"]!
                .AsArray()
                .Add("orgs/octo-two"),
            new ManualClock());
        broker.GitHub.Faults.Add(fault, path: "/orgs/octo-org/actions", seconds: 600);
        using var refused = await broker.PostAsync(Organization);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        await TokenAsync(broker, "/orgs/octo-two/actions/runners/registration-token");
    }

    [Fact]
    public async Task Fifty_waiters_get_one_flights_failure()
    {
        await using var broker = await TestBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(300));
        broker.GitHub.Faults.Add(SandboxFaultNames.MissingPermission);
        var jwt = broker.Issuer.Sign();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => broker.PostAsync(Organization, jwt)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode));
        Assert.Equal(1, broker.GitHub.Requests.InstallationLookups);
    }

    [Theory]
    [InlineData(Organization, "organization_self_hosted_runners: write")]
    [InlineData(Repository, "administration: write")]
    public async Task A_missing_permission_is_named(string scope, string permission)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Accounts.SetPermissions("octo-org", new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata"] = "read" });
        using var response = await broker.PostAsync(scope);
        var body = await AssertIsAsync(response, 403, "missing-permission");
        Assert.Contains(permission, body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_was_moved_is_never_followed()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        await TokenAsync(broker, Repository);
        broker.GitHub.Accounts.RenameRepository("octo-org", "hello", "goodbye");
        broker.Clock!.Advance(TimeSpan.FromMinutes(55));
        using var response = await broker.PostAsync(Repository);
        await AssertIsAsync(response, 404, "moved");
        Assert.DoesNotContain(broker.GitHub.Requests.Recent, request => request.Path.Contains("/repositories/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_credential_that_a_scope_needs_it_is_404_and_GitHub_is_not_asked()
    {
        await using var broker =
            await TestBroker.StartAsync((configuration, _) => configuration["GitHub"]!.AsObject().Remove("EnterpriseTokenPath"));
        using var enterprise = await broker.PostAsync(Enterprise);
        var body = await AssertIsAsync(enterprise, 404, "not-configured");
        Assert.Contains("enterprise token", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, broker.GitHub.Requests.Total);

        await using var other = await TestBroker.StartAsync((configuration, _) => configuration["GitHub"]!.AsObject().Remove("App"));
        using var organization = await other.PostAsync(Organization);
        await AssertIsAsync(organization, 404, "not-configured");
        Assert.Equal(0, other.GitHub.Requests.Total);
    }

    private static async Task<JsonElement> AssertIsAsync(HttpResponseMessage response, int status, string kind)
    {
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal((status, "urn:token-broker:problem:" + kind), ((int)response.StatusCode, body.GetProperty("type").GetString()));
        Assert.Equal(status, body.GetProperty("status").GetInt32());
        Assert.Equal(body.GetProperty("detail").GetString(), body.GetProperty("message").GetString());
        Assert.Equal(status == 503, response.Headers.RetryAfter is not null);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        return body;
    }

    private static async Task<string?> TokenAsync(TestBroker broker, string scope)
    {
        using var response = await broker.PostAsync(scope);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(
            response.StatusCode == HttpStatusCode.Created,
            string.Create(CultureInfo.InvariantCulture, $"{response.StatusCode}: {body}"));
        return JsonElement.Parse(body).GetProperty("token").GetString();
    }
}
