using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub's no to what is read and changed; what it says to mints is in <see cref="RefusalTests"/>.</summary>
public sealed class ScopeRefusalTests
{
    private const string Runners = "/repos/octo-org/hello/actions/runners";

    [Theory]
    [InlineData("removed", 404, "not-installed")]
    [InlineData("suspended", 403, "refused-by-github")]
    [InlineData("no permission", 403, "missing-permission")]
    [InlineData("moved", 404, "moved")]
    public async Task What_GitHub_says_of_an_installation_is_remembered_a_minute(string what, int status, string kind)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await broker.GetAsync(Runners)).Is(200);

        // A token that is seconds old and refused is taken for one that GitHub does not know everywhere yet.
        broker.Clock!.Advance(TimeSpan.FromMinutes(1));
        Break(broker.GitHub.Accounts, what);
        (await broker.GetAsync(Runners)).IsFailure(status, kind);

        var requests = broker.GitHub.Requests.Total;
        broker.Clock.Advance(TimeSpan.FromSeconds(55));
        foreach (var path in new[]
        {
            Runners,
            "/api/v3" + Runners + "?page=2",
            Runners + "/5",
            Runners + "/5/labels",
            Runners + "/downloads",
            Runners + "/deprecations/2.300.0",
        })
            (await broker.GetAsync(path)).IsFailure(status, kind);
        Assert.Equal(requests, broker.GitHub.Requests.Total);

        Mend(broker.GitHub.Accounts, what);
        broker.Clock.Advance(TimeSpan.FromSeconds(6));
        (await broker.GetAsync(Runners)).Is(200);
    }

    [Fact]
    public async Task A_refusal_of_one_request_is_not_shared_with_other_callers()
    {
        await using var broker = await TestBroker.StartAsync();
        using (broker.GitHub.Faults.Add(SandboxFaultNames.Unprocessable, path: Runners))
            (await broker.GetAsync(Runners + "?page=777777")).IsFailure(422, "unprocessable");
        (await broker.GetAsync(Runners)).Is(200);
        (await broker.GetAsync(Runners + "/downloads")).Is(200);
    }

    [Theory]
    [InlineData(SandboxFaultNames.MissingPermission, "missing-permission")]
    [InlineData(SandboxFaultNames.IpAllowList, "refused-by-github")]
    [InlineData(SandboxFaultNames.RunnersDisabled, "refused-by-github")]
    public async Task A_no_to_reading_is_a_no_to_reading_there(string fault, string kind)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using var no = broker.GitHub.Faults.Add(fault, path: Runners);
        (await broker.GetAsync(Runners)).IsFailure(403, kind);
        no.Dispose();
        (await broker.GetAsync(Runners)).IsFailure(403, kind);

        // Changing needs another permission, and another scope is another scope.
        (await broker.SendAsync("DELETE", $"{Runners}/{broker.RunnerOf("hello-runner-1", "repos/octo-org/hello").Id}", body: null)).Is(204);
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
    }

    [Theory]
    [InlineData(SandboxFaultNames.PrimaryLimit)]
    [InlineData(SandboxFaultNames.SecondaryLimit)]
    public async Task A_limit_is_503_until_it_is_over(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, times: 1, path: Runners, seconds: 30);
        (await broker.GetAsync(Runners)).IsFailure(503, "rate-limited-by-github");
        var requests = broker.GitHub.Requests.Total;
        (await broker.GetAsync(Runners)).IsFailure(503, "rate-limited-by-github");
        Assert.Equal(requests, broker.GitHub.Requests.Total);
        broker.Clock!.Advance(TimeSpan.FromSeconds(120));
        (await broker.GetAsync(Runners)).Is(200);
    }

    [Theory]
    [InlineData(SandboxFaultNames.ServerError)]
    [InlineData(SandboxFaultNames.BadGateway)]
    [InlineData(SandboxFaultNames.Reset)]
    [InlineData(SandboxFaultNames.Html)]
    [InlineData(SandboxFaultNames.TruncatedJson)]
    public async Task A_transient_failure_is_tried_again_and_then_503_which_is_not_remembered(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, times: 2, path: Runners);
        (await broker.GetAsync(Runners)).Is(200);
        using (broker.GitHub.Faults.Add(fault, path: Runners))
            Assert.NotNull((await broker.GetAsync(Runners)).IsFailure(503, "github-unavailable").Header("Retry-After"));
        (await broker.GetAsync(Runners)).Is(200);
        Assert.Equal(3 + 5 + 1, broker.GitHub.Requests.Count(SandboxRequestKind.RunnerList));
    }

    private static void Break(SandboxAccounts accounts, string what)
    {
        switch (what)
        {
            case "removed": accounts.Uninstall("octo-org"); break;
            case "moved": accounts.RenameRepository("octo-org", "hello", "goodbye"); break;
            case "suspended": accounts.Suspend("octo-org"); break;
            default:
                accounts.SetPermissions("octo-org", new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata"] = "read" });
                break;
        }
    }

    private static void Mend(SandboxAccounts accounts, string what)
    {
        switch (what)
        {
            case "removed": accounts.Install("octo-org"); break;
            case "moved": accounts.RenameRepository("octo-org", "goodbye", "hello"); break;
            case "suspended": accounts.Unsuspend("octo-org"); break;
            default: accounts.SetPermissions("octo-org", SandboxPermissions.Usual); break;
        }
    }
}
