using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Downloads;

public sealed class DownloadTests
{
    private const string Downloads = RunnerApi.Organization + "/downloads";

    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task Downloads_are_GitHubs_own_answer(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.GetAsync($"{prefix}/{scope}/actions/runners/downloads")).Is(200);
        Assert.Contains(
            answer.Json.EnumerateArray(),
            one => one.GetProperty("os").GetString() == "linux" && one.GetProperty("architecture").GetString() == "arm64");
    }

    [Fact]
    public async Task Five_hundred_callers_cause_one_request()
    {
        await using var broker = await TestBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(100));
        var answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => broker.GetAsync(Downloads)));
        Assert.All(answers, answer => answer.Is(200));
        Assert.Single(answers.Select(answer => answer.Text).Distinct(StringComparer.Ordinal));
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.Downloads));
    }

    [Fact]
    public async Task An_answer_is_kept_five_minutes_for_its_scope()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await broker.GetAsync(Downloads)).Is(200);
        (await broker.GetAsync("/orgs/OCTO-ORG/actions/runners/downloads")).Is(200);
        broker.Clock!.Advance(TimeSpan.FromMinutes(4.9));
        (await broker.GetAsync("/api/v3" + Downloads)).Is(200);
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.Downloads));

        (await broker.GetAsync("/repos/octo-org/hello/actions/runners/downloads")).Is(200);
        Assert.Equal(2, broker.GitHub.Requests.Count(SandboxRequestKind.Downloads));

        broker.Clock.Advance(TimeSpan.FromMinutes(0.2));
        (await broker.GetAsync(Downloads)).Is(200);
        Assert.Equal(3, broker.GitHub.Requests.Count(SandboxRequestKind.Downloads));
    }

    [Fact]
    public async Task One_with_tokens_is_never_kept()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.DownloadTokens = true;
        var tokens = new HashSet<string?>();
        for (var time = 0; time < 3; time++)
        {
            // Nor by whoever stands between: it is as good as the token.
            var answer = (await broker.GetAsync(Downloads, "*")).Is(200);
            Assert.Equal(("no-store", null), (answer.Header("Cache-Control"), answer.Header("ETag")));
            tokens.Add(answer.Json[0].GetProperty("temp_download_token").GetString());
        }

        Assert.Equal(3, tokens.Count);
        Assert.Equal(3, broker.GitHub.Requests.Count(SandboxRequestKind.Downloads));
        Assert.All(tokens, token => Assert.DoesNotContain(token!, broker.Logs.Text, StringComparison.Ordinal));

        broker.GitHub.DownloadTokens = false;
        Assert.Equal("no-cache, private", (await broker.GetAsync(Downloads)).Is(200).Header("Cache-Control"));
    }

    [Fact]
    public async Task What_the_caller_has_is_304_from_memory()
    {
        await using var broker = await TestBroker.StartAsync();
        var tag = (await broker.GetAsync(Downloads)).Is(200).Header("ETag");
        foreach (var sent in new[] { tag!, tag![2..], $"\"other\", {tag}", "*" })
        {
            var answer = (await broker.GetAsync(Downloads, sent)).Is(304);
            Assert.Empty(answer.Bytes);
            Assert.Equal(tag, answer.Header("ETag"));
        }

        (await broker.GetAsync(Downloads, "\"other\"")).Is(200);
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.Downloads));
    }

    [Fact]
    public async Task A_passing_failure_is_not_kept()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using (broker.GitHub.Faults.Add(SandboxFaultNames.BadGateway, path: "/downloads"))
            (await broker.GetAsync(Downloads)).IsFailure(503, "github-unavailable");
        (await broker.GetAsync(Downloads)).Is(200);
    }

    [Fact]
    public async Task GitHubs_no_is_kept_a_minute()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using (broker.GitHub.Faults.Add(SandboxFaultNames.RunnersDisabled, path: "/downloads"))
            (await broker.GetAsync(Downloads)).IsFailure(403, "refused-by-github");
        var requests = broker.GitHub.Requests.Total;
        broker.Clock!.Advance(TimeSpan.FromSeconds(50));
        (await broker.GetAsync(Downloads)).IsFailure(403, "refused-by-github");
        Assert.Equal(requests, broker.GitHub.Requests.Total);
        broker.Clock.Advance(TimeSpan.FromSeconds(11));
        (await broker.GetAsync(Downloads)).Is(200);
    }

    [Fact]
    public async Task What_is_kept_is_still_only_for_those_whom_a_policy_names()
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.GetAsync(Downloads)).Is(200);
        var stranger = broker.Issuer.Sign(new { sub = "stranger" });
        var answer = await broker.SendAsync("GET", Downloads, change: request =>
        {
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + stranger);
        });
        answer.IsFailure(403, "policy-denied");
    }
}
