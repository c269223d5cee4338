using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.RateLimiting;

/// <summary>How often a caller may have GitHub asked.</summary>
public sealed class GitHubLimitTests
{
    private const string Runner = RunnerApi.Organization + "/1";

    [Fact]
    public async Task A_caller_may_start_few_mints_and_have_whatever_is_minted()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        var tokens = await AddRepositoriesAsync(broker, 3);
        (await broker.SendAsAsync("vm-1", "POST", tokens[0])).Is(201);
        (await broker.SendAsAsync("vm-1", "POST", tokens[1])).Is(201);
        var wait = (await broker.SendAsAsync("vm-1", "POST", tokens[2])).IsLimited("github");

        // It has what others had minted.
        (await broker.SendAsAsync("vm-1", "POST", tokens[0])).Is(201);
        (await broker.SendAsAsync("vm-2", "POST", tokens[2])).Is(201);
        Assert.Equal("token-broker; hit", (await broker.SendAsAsync("vm-1", "POST", tokens[2])).Is(201).Header("Cache-Status"));
        Assert.Equal(3, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));

        broker.Clock!.Advance(wait);
        (await broker.SendAsAsync("vm-1", "POST", (await AddRepositoriesAsync(broker, 1))[0])).Is(201);
    }

    [Fact]
    public async Task Waiting_for_the_mint_of_another_caller_is_free()
    {
        await using var broker = await RateLimitedBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(400));
        var tokens = await AddRepositoriesAsync(broker, 5);
        var starters = tokens.Select((path, number) => broker.SendAsAsync("vm-1" + number, "POST", path)).ToList();
        await broker.GitHub.Requests.WaitUntilAsync(
            log => log.Count(SandboxRequestKind.RegistrationToken) == 5,
            TestContext.Current.CancellationToken);
        var waiters = tokens.Select(path => broker.SendAsAsync("vm-1", "POST", path)).ToList();
        Assert.All(await Task.WhenAll([.. starters, .. waiters]), answer => answer.Is(201));
        Assert.Equal(5, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));

        var own = await AddRepositoriesAsync(broker, 3);
        (await broker.SendAsAsync("vm-1", "POST", own[0])).Is(201);
        (await broker.SendAsAsync("vm-1", "POST", own[1])).Is(201);
        (await broker.SendAsAsync("vm-1", "POST", own[2])).IsLimited("github");
    }

    [Fact]
    public async Task One_of_many_waiters_pays()
    {
        await using var broker = await RateLimitedBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(200));
        var tokens = await AddRepositoriesAsync(broker, 3);
        for (var round = 0; round < 2; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => broker.SendAsAsync("vm-1", "POST", tokens[round])));
            Assert.All(answers, answer => answer.Is(201));
        }

        (await broker.SendAsAsync("vm-1", "POST", tokens[2])).IsLimited("github");
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
        await using var broker = await RateLimitedBroker.StartAsync();
        await WarmAsync(broker);
        for (var time = 0; time < RateLimitedBroker.GitHubBurst; time++)
            (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        var asked = broker.GitHub.Requests.Total;
        (await broker.SendAsAsync("vm-1", method, path, body)).IsLimited("github");
        Assert.Equal(asked, broker.GitHub.Requests.Total);
        Assert.NotEqual(429, (await broker.SendAsAsync("vm-2", method, path, body)).Status);
        Assert.True(broker.GitHub.Requests.Total > asked, "GitHub was not asked.");
    }

    [Theory]
    [InlineData("GET", RunnerApi.Organization + "?per_page=0", null, 400)]
    [InlineData("GET", "/orgs/octo-two/actions/runners", null, 403)]
    [InlineData("POST", RunnerApi.Jit, """{"name":"","runner_group_id":1,"labels":["gpu"]}""", 422)]
    [InlineData("POST", RunnerApi.Jit, """{"name":"vm-1","runner_group_id":77,"labels":["gpu"]}""", 403)]
    public async Task A_request_refused_before_GitHub_is_asked_is_not_charged(string method, string path, string? body, int status)
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        await WarmAsync(broker);
        for (var time = 0; time < 2 * RateLimitedBroker.GitHubBurst; time++)
            (await broker.SendAsAsync("vm-1", method, path, body)).Is(status);
        for (var time = 0; time < RateLimitedBroker.GitHubBurst; time++)
            (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task Downloads_that_are_known_cost_nothing()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        await WarmAsync(broker);
        for (var time = 0; time < 5; time++)
            (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization + "/downloads")).Is(200);
        (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).IsLimited("github");
    }

    /// <summary>As in an outage of GitHub's, a token that will do for a while is better than none.</summary>
    [Fact]
    public async Task A_caller_that_may_not_start_a_mint_gets_the_token_that_is_still_valid()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        var path = (await AddRepositoriesAsync(broker, 1))[0];
        (await broker.SendAsAsync("vm-1", "POST", path)).Is(201);
        broker.Clock!.Advance(TimeSpan.FromMinutes(55));
        await WarmAsync(broker);
        for (var time = 0; time < RateLimitedBroker.GitHubBurst; time++)
            (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        (await broker.SendAsAsync("vm-1", "POST", path)).Is(201);
        Assert.Equal(1, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));
        (await broker.SendAsAsync("vm-2", "POST", path)).Is(201);
        Assert.Equal(2, broker.GitHub.Requests.Count(SandboxRequestKind.RegistrationToken));
    }

    [Theory]
    [InlineData("POST", "/repos/octo-org/hello/actions/runners/registration-token", null, 201, 2, "an installation token and the token")]
    [InlineData(
        "POST",
        "/repos/octo-org/none/actions/runners/registration-token",
        null,
        404,
        2,
        "a repository that is not there: no installation token, and a look-up")]
    [InlineData("GET", "/repos/octo-org/none/actions/runners", null, 404, 2, "the same for reading")]
    [InlineData("POST", "/orgs/octo-two/actions/runners/registration-token", null, 201, 3, "a look-up too")]
    [InlineData("GET", "/users/octo-two", null, 200, 1, "a look-up")]
    [InlineData("GET", "/users/octo-org", null, 200, 0, "known")]
    [InlineData("GET", "/users/octo-none", null, 404, 2, "looked up as an organization and as a user")]
    [InlineData("PUT", Runner + "/labels", """{"labels":["gpu"]}""", 200, 3, "an installation token, a look at the runner, the change")]
    [InlineData("DELETE", Runner, null, 204, 3, "likewise")]
    public async Task Each_request_that_GitHub_gets_is_one(string method, string path, string? body, int status, int requests, string why)
    {
        const int GitHubBurst = 10;
        await using var broker = await RateLimitedBroker.StartAsync(configuration =>
        {
            configuration["RateLimit"]!["Burst"] = 6 * GitHubBurst;
            var scopes = configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Scopes"]!.AsArray();
            scopes.Add("orgs/octo-two");
            scopes.Add("orgs/octo-none");
        });
        await WarmAsync(broker);
        path = path.Replace(
            Runner,
            FormattableString.Invariant($"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-1").Id}"),
            StringComparison.Ordinal);
        var asked = broker.GitHub.Requests.Total;
        (await broker.SendAsAsync("vm-1", method, path, body)).Is(status);
        Assert.True(requests == broker.GitHub.Requests.Total - asked, why);

        // What is remembered, a no too, costs nothing.
        if (method != "DELETE" && body is null)
            (await broker.SendAsAsync("vm-1", method, path, body)).Is(status);
        Assert.Equal(requests, broker.GitHub.Requests.Total - asked);
        for (var left = GitHubBurst - requests; left > 0; left--)
            (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
        (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).IsFailure(429, "too-many-github-requests");
    }

    [Fact]
    public async Task What_has_begun_is_not_cut_off_and_is_paid_for_all_the_same()
    {
        await using var broker = await RateLimitedBroker.StartAsync();

        // A look-up and two tokens, for two that there are.
        (await broker.SendAsAsync("vm-1", "POST", RunnerApi.Organization + "/registration-token")).Is(201);
        Assert.Equal(3, broker.GitHub.Requests.Total);
        Assert.Equal("120", (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization))
            .IsFailure(429, "too-many-github-requests")
            .Header("Retry-After"));
        broker.Clock!.Advance(TimeSpan.FromSeconds(119));
        (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).IsFailure(429, "too-many-github-requests");
        broker.Clock.Advance(TimeSpan.FromSeconds(1));
        (await broker.SendAsAsync("vm-1", "GET", RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task Repositories_that_are_not_there_cost_their_owner_no_look_up()
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        for (var number = 0; number < 5; number++)
        {
            (await broker.SendAsync("POST", FormattableString.Invariant(
                $"/repos/octo-org/none-{number}/actions/runners/registration-token"))).IsFailure(404, "not-installed");
            (await broker.GetAsync(FormattableString.Invariant($"/repos/octo-org/nothing-{number}/actions/runners"))).IsFailure(
                404,
                "not-installed");
        }

        var lookUps = broker.GitHub.Requests.InstallationLookups;
        (await broker.SendAsync("POST", "/repos/octo-org/hello/actions/runners/registration-token")).Is(201);
        Assert.Equal((11, 11), (lookUps, broker.GitHub.Requests.InstallationLookups));
    }

    /// <summary>What reading on the organization takes, so that from then on each read is one request to GitHub.</summary>
    private static async Task WarmAsync(TestBroker broker) =>
        (await broker.SendAsAsync("vm-" + Guid.NewGuid().ToString("N"), "GET", RunnerApi.Organization)).Is(200);

    /// <summary>Repositories for which there is all that a registration token takes, so that each is one request to GitHub.</summary>
    private static async Task<List<string>> AddRepositoriesAsync(TestBroker broker, int count)
    {
        var paths = new List<string>();
        for (var number = 0; number < count; number++)
        {
            var name = "cold-" + Guid.NewGuid().ToString("N");
            broker.GitHub.Accounts.AddRepository("octo-org", name);
            var runners = $"/repos/octo-org/{name}/actions/runners/";
            (await broker.SendAsAsync("vm-" + name, "POST", runners + "remove-token")).Is(201);
            paths.Add(runners + "registration-token");
        }

        return paths;
    }
}
