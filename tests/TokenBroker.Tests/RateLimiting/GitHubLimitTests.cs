using TokenBroker.Sandbox.GitHub;
using TokenBroker.Tests.Runners;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.RateLimiting;

/// <summary>How often a caller may have GitHub asked.</summary>
public sealed class GitHubLimitTests
{
    private const string Runner = RunnerApi.Organization + "/1";

    [Fact]
    public async Task A_caller_may_start_few_mints_and_have_whatever_is_minted()
    {
        await using var broker = await Limited.StartAsync();
        var tokens = AddRepositories(broker, 3);
        (await broker.AskAsAsync("vm-1", "POST", tokens[0])).Is(201);
        (await broker.AskAsAsync("vm-1", "POST", tokens[1])).Is(201);
        var wait = (await broker.AskAsAsync("vm-1", "POST", tokens[2])).IsLimited("github");

        // It has what others had minted.
        (await broker.AskAsAsync("vm-1", "POST", tokens[0])).Is(201);
        (await broker.AskAsAsync("vm-2", "POST", tokens[2])).Is(201);
        Assert.Equal("token-broker; hit", (await broker.AskAsAsync("vm-1", "POST", tokens[2])).Is(201).Header("Cache-Status"));
        Assert.Equal(3, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));

        broker.Clock!.Advance(wait);
        (await broker.AskAsAsync("vm-1", "POST", AddRepositories(broker, 1)[0])).Is(201);
    }

    [Fact]
    public async Task Who_waits_for_anothers_mint_pays_nothing()
    {
        await using var broker = await Limited.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(400));
        var tokens = AddRepositories(broker, 5);
        var starters = tokens.Select((path, number) => broker.AskAsAsync("vm-1" + number, "POST", path)).ToList();
        await broker.GitHub.Requests.WaitUntilAsync(log => log.Count(SandboxRequestKind.InstallationToken) == 5, TestContext.Current.CancellationToken);
        var waiters = tokens.Select(path => broker.AskAsAsync("vm-1", "POST", path)).ToList();
        Assert.All(await Task.WhenAll([.. starters, .. waiters]), answer => answer.Is(201));
        Assert.Equal(5, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));

        var own = AddRepositories(broker, 3);
        (await broker.AskAsAsync("vm-1", "POST", own[0])).Is(201);
        (await broker.AskAsAsync("vm-1", "POST", own[1])).Is(201);
        (await broker.AskAsAsync("vm-1", "POST", own[2])).IsLimited("github");
    }

    [Fact]
    public async Task Many_waiters_have_one_who_pays()
    {
        await using var broker = await Limited.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(200));
        var tokens = AddRepositories(broker, 3);
        for (var round = 0; round < 2; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => broker.AskAsAsync("vm-1", "POST", tokens[round])));
            Assert.All(answers, answer => answer.Is(201));
        }

        (await broker.AskAsAsync("vm-1", "POST", tokens[2])).IsLimited("github");
    }

    [Theory]
    [InlineData("GET", RunnerApi.Organization, null)]
    [InlineData("GET", Runner, null)]
    [InlineData("DELETE", Runner, null)]
    [InlineData("GET", Runner + "/labels", null)]
    [InlineData("POST", Runner + "/labels", """{"labels":["gpu"]}""")]
    [InlineData("PUT", Runner + "/labels", """{"labels":["gpu"]}""")]
    [InlineData("DELETE", Runner + "/labels", null)]
    [InlineData("DELETE", Runner + "/labels/gpu", null)]
    [InlineData("GET", RunnerApi.Organization + "/deprecations/2.300.0", null)]
    [InlineData("POST", RunnerApi.Jit, """{"name":"vm-1","runner_group_id":1,"labels":["gpu"]}""")]
    [InlineData("GET", RunnerApi.Organization + "/downloads", null)]
    [InlineData("POST", RunnerApi.Organization + "/remove-token", null)]
    public async Task What_no_cache_holds_is_paid_for(string method, string path, string? body)
    {
        await using var broker = await Limited.StartAsync();
        for (var time = 0; time < Limited.GitHubBurst; time++)
            (await broker.AskAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        var asked = broker.GitHub.Requests.Total;
        (await broker.AskAsAsync("vm-1", method, path, body)).IsLimited("github");
        Assert.Equal(asked, broker.GitHub.Requests.Total);
        Assert.NotEqual(429, (await broker.AskAsAsync("vm-2", method, path, body)).Status);
        Assert.True(broker.GitHub.Requests.Total > asked, "GitHub was not asked.");
    }

    [Theory]
    [InlineData("GET", RunnerApi.Organization + "?per_page=0", null, 400)]
    [InlineData("GET", "/orgs/octo-two/actions/runners", null, 403)]
    [InlineData("POST", RunnerApi.Jit, """{"name":"","runner_group_id":1,"labels":["gpu"]}""", 422)]
    [InlineData("POST", RunnerApi.Jit, """{"name":"vm-1","runner_group_id":77,"labels":["gpu"]}""", 403)]
    public async Task What_is_refused_before_GitHub_is_asked_costs_nothing_of_it(string method, string path, string? body, int status)
    {
        await using var broker = await Limited.StartAsync();
        for (var time = 0; time < 2 * Limited.GitHubBurst; time++)
            (await broker.AskAsAsync("vm-1", method, path, body)).Is(status);
        for (var time = 0; time < Limited.GitHubBurst; time++)
            (await broker.AskAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task Downloads_that_are_known_cost_nothing()
    {
        await using var broker = await Limited.StartAsync();
        for (var time = 0; time < 5; time++)
            (await broker.AskAsAsync("vm-1", "GET", RunnerApi.Organization + "/downloads")).Is(200);
        (await broker.AskAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        (await broker.AskAsAsync("vm-1", "GET", RunnerApi.Organization)).IsLimited("github");
    }

    /// <summary>As in an outage of GitHub's, a token that will do for a while is better than none.</summary>
    [Fact]
    public async Task Who_may_start_no_mint_gets_the_token_that_still_lives()
    {
        await using var broker = await Limited.StartAsync();
        var path = AddRepositories(broker, 1)[0];
        (await broker.AskAsAsync("vm-1", "POST", path)).Is(201);
        broker.Clock!.Advance(TimeSpan.FromMinutes(55));
        for (var time = 0; time < Limited.GitHubBurst; time++)
            (await broker.AskAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        (await broker.AskAsAsync("vm-1", "POST", path)).Is(201);
        Assert.Equal(1, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));
        (await broker.AskAsAsync("vm-2", "POST", path)).Is(201);
        Assert.Equal(2, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));
    }

    private static List<string> AddRepositories(TestBroker broker, int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        var name = "cold-" + Guid.NewGuid().ToString("N");
        broker.GitHub.Accounts.AddRepository("octo-org", name);
        return $"/repos/octo-org/{name}/actions/runners/registration-token";
    })];
}
