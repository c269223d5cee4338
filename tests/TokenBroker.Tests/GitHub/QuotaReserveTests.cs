using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>The last tenth of a limit is kept for tokens, JIT configurations and deletes.</summary>
public sealed class QuotaReserveTests
{
    private static readonly object Runner = new { name = "spare", runner_group_id = 1, labels = new[] { "self-hosted" } };

    [Fact]
    public async Task Reads_and_label_changes_wait_while_what_makes_tokens_goes_on()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var id = (await broker.SendAsync("POST", RunnerApi.Jit, Runner)).Is(201).Json.GetProperty("runner").GetProperty("id").GetInt64();
        (await broker.GetAsync(RunnerApi.Organization + "/downloads")).Is(200);
        await UseUpAsync(broker);
        var requests = broker.GitHub.Requests.Total;

        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("GET", "", null), ("GET", $"/{id}", null), ("GET", $"/{id}/labels", null), ("GET", "/deprecations/2.329.0", null),
            ("POST", $"/{id}/labels", new { labels = new[] { "gpu" } }), ("PUT", $"/{id}/labels", new { labels = new[] { "gpu" } }),
            ("DELETE", $"/{id}/labels", null), ("DELETE", $"/{id}/labels/gpu", null),
        })
        {
            var refused = (await broker.SendAsync(method, RunnerApi.Organization + path, body)).IsFailure(503, "quota-reserved");
            Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 3000, 3961);
        }

        Assert.Equal(requests, broker.GitHub.Requests.Total);

        // Downloads are there from before; another owner's limit is its own.
        (await broker.GetAsync(RunnerApi.Organization + "/downloads")).Is(200);
        (await broker.GetAsync("/orgs/octo-two/actions/runners")).Is(200);

        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "another", runner_group_id = 1, labels = new[] { "self-hosted" } })).Is(
            201);
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{id}", body: null)).Is(204);
    }

    [Fact]
    public async Task It_ends_with_the_window()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        await UseUpAsync(broker);
        (await broker.GetAsync(RunnerApi.Organization)).IsFailure(503, "quota-reserved");
        broker.Advance(3601);
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task It_ends_when_an_answer_says_that_more_is_left()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        await UseUpAsync(broker);
        (await broker.GetAsync(RunnerApi.Organization)).IsFailure(503, "quota-reserved");
        broker.GitHub.RateLimit = 5000;
        (await broker.SendAsync("DELETE", RunnerApi.Organization + "/4711", body: null)).IsFailure(404, "unknown-runner");
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
    }

    [Fact]
    public async Task A_tenth_is_enough()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.RateLimit = 20;

        // 18 of 20 leave 2, which is a tenth; the 19th leaves less.
        for (var number = 0; number < 19; number++)
            (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        (await broker.GetAsync(RunnerApi.Organization)).IsFailure(503, "quota-reserved");
    }

    /// <summary>However many credentials there are: a hundred windows are measured, but none escapes the rule for that.</summary>
    [Fact]
    public async Task It_is_bounded_and_no_credential_escapes_it()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var quota = broker.Services.GetRequiredService<GitHubQuota>();
        var reserve = broker.Services.GetRequiredService<QuotaReserve>();
        for (var number = 0; number < 300; number++)
            await ObserveAsync(number);
        for (var number = 0; number < 300; number++)
            Assert.Equal(
                FailureKinds.QuotaReserved,
                Assert.Throws<FailureException>(() => reserve.ThrowIfReserved(Credential(number), Call(yields: true))).Failure.Kind);
        reserve.ThrowIfReserved(Credential(0), Call(yields: false));

        for (var number = 300; number < 12_000; number++)
        {
            await ObserveAsync(number);
            if (number % 100 != 0)
                continue;
            broker.Advance(0.001);
            Assert.Throws<FailureException>(() => reserve.ThrowIfReserved(Credential(0), Call(yields: true)));
        }

        Assert.InRange(reserve.Count, 1, 10_000);
        Assert.Throws<FailureException>(() => reserve.ThrowIfReserved(Credential(11_999), Call(yields: true)));

        // Those that nobody asked for make room.
        Assert.Throws<FailureException>(() => reserve.ThrowIfReserved(Credential(0), Call(yields: true)));

        async Task ObserveAsync(int number)
        {
            using var response = new HttpResponseMessage();
            response.Headers.Add("x-ratelimit-limit", "5000");
            response.Headers.Add("x-ratelimit-remaining", "499");
            response.Headers.Add("x-ratelimit-reset", (broker.Clock!.GetUtcNow() + TimeSpan.FromHours(1))
                .ToUnixTimeSeconds()
                .ToString(System.Globalization.CultureInfo.InvariantCulture));
            quota.Observe(Credential(number), await GitHubAnswer.ReadAsync(response, CancellationToken.None));
        }
    }

    // Nine of a hundred are left, which is enough for what still passes.
    private static async Task UseUpAsync(TestBroker broker)
    {
        broker.GitHub.RateLimit = 100;
        var quota = broker.Services.GetRequiredService<GitHubQuota>();
        do
            (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        while (quota.Windows.Single(window => window is { Kind: GitHubCredentialKind.Installation, Resource: "core" }).Remaining > 9);
    }

    private static GitHubCredential Credential(int number) => new("installation " + number, GitHubCredentialKind.Installation, "none");

    private static GitHubCall Call(bool yields) => new("runners", HttpMethod.Get, "orgs/octo-org/actions/runners") { Yields = yields };
}
