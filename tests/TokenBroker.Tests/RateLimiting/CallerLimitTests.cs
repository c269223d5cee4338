using System.Text.Json.Nodes;

namespace TokenBroker.Tests.RateLimiting;

/// <summary>How often a caller may ask, through all of the pipeline.</summary>
public sealed class CallerLimitTests
{
    [Fact]
    public async Task A_limited_caller_is_served_after_Retry_After()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        for (var left = RateLimitedBroker.Burst - 1; left >= 0; left--)
        {
            var answer = (await broker.GetCallerAsync()).Is(200);
            Assert.StartsWith($"\"caller\";r={left};t=", answer.Header("RateLimit"), StringComparison.Ordinal);
            Assert.Equal("\"caller\";q=12;w=720", answer.Header("RateLimit-Policy"));
            Assert.Null(answer.Header("Retry-After"));
        }

        for (var round = 0; round < 3; round++)
        {
            var wait = (await broker.GetCallerAsync()).IsLimited("caller");
            (await broker.GetCallerAsync("vm-2")).Is(200);
            broker.Clock!.Advance(wait);
            (await broker.GetCallerAsync()).Is(200);
        }
    }

    /// <summary>Whoever asks too often must not fill the trail, nor wait in its queue before those who do not.</summary>
    [Fact]
    public async Task A_caller_over_its_limit_gets_one_event_per_second()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        for (var times = 0; times < RateLimitedBroker.Burst; times++)
            (await broker.GetCallerAsync()).Is(200);
        for (var times = 0; times < 5; times++)
            (await broker.GetCallerAsync()).IsLimited("caller");
        broker.Clock!.Advance(TimeSpan.FromSeconds(1));
        for (var times = 0; times < 2; times++)
            (await broker.GetCallerAsync()).IsLimited("caller");

        var told = (await broker.Audit.EventsAsync("token-broker.audit", RateLimitedBroker.Burst + 2))
            .Where(one => (int?)one["status"] == 429)
            .ToList();
        Assert.Equal(
            ["too-many-requests vm-1 0", "too-many-requests vm-1 4"],
            told.Select(one => $"{one["reason"]} {one["subject"]} {one["suppressed"]}"));
    }

    [Fact]
    public async Task Every_answer_to_a_caller_counts_and_reports_the_limit()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        var left = RateLimitedBroker.Burst;
        foreach (var (status, method, path) in new[]
        {
            (201, "POST", "/orgs/octo-org/actions/runners/registration-token"),
            (201, "POST", "/api/v3/orgs/octo-org/actions/runners/registration-token"),
            (403, "POST", "/orgs/octo-two/actions/runners/registration-token"),
            (400, "POST", "/orgs/octo.org/actions/runners/registration-token"),
            (404, "GET", "/nowhere"), (405, "PATCH", "/orgs/octo-org/actions/runners/registration-token"), (200, "GET", "/api/v3/caller"),
        })
        {
            var answer = (await broker.SendAsAsync("vm-1", method, path)).Is(status);
            Assert.StartsWith($"\"caller\";r={--left};t=", answer.Header("RateLimit"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_for_everyone_is_never_limited()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        while ((await broker.GetCallerAsync()).Status == 200)
        {
        }

        (await broker.GetCallerAsync()).IsLimited("caller");
        foreach (var path in new[] { "/livez", "/readyz", "/swagger/v1/swagger.json" })
        {
            var answer = (await broker.SendAsAsync("vm-1", "GET", path)).Is(200);
            Assert.Null(answer.Header("RateLimit"));
        }
    }

    [Fact]
    public async Task A_caller_is_what_its_issuers_CallerId_says()
    {
        await using var broker = await RateLimitedBroker.StartAsync(configuration =>
            configuration["Authentication"]!["Issuers"]!["sandbox"]!["CallerId"] = new JsonArray("/machine"));
        for (var time = 0; time < RateLimitedBroker.Burst; time++)
            (await AskAsync("vm-" + time, "a")).Is(200);
        (await AskAsync("vm-1", "a")).IsLimited("caller");
        (await AskAsync("vm-1", "b")).Is(200);

        Task<ApiResponse> AskAsync(string subject, string machine) =>
            broker.SendAsync("GET", "/caller", change: request => request.As(broker.Issuer.Sign(new { sub = subject, machine })));
    }

    [Fact]
    public async Task Two_issuers_callers_of_one_name_are_two_callers()
    {
        await using var broker = await RateLimitedBroker.StartAsync(configuration =>
        {
            var issuers = configuration["Authentication"]!["Issuers"]!.AsObject();
            var other = issuers["sandbox"]!.DeepClone();
            other["Audiences"] = new JsonArray("other-broker");
            issuers["other"] = other;
        });
        while ((await broker.GetCallerAsync()).Status == 200)
        {
        }

        (await broker.SendAsync("GET", "/caller", change: request => request.As(broker.Issuer.Sign(new { aud = "other-broker" })))).Is(200);
    }

    [Fact]
    public async Task Limits_apply_without_configuration()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.Remove("RateLimit"), new ManualClock());
        Assert.Equal("\"caller\";q=60;w=30", (await broker.GetCallerAsync()).Is(200).Header("RateLimit-Policy"));
        var answers = new List<ApiResponse>();
        for (var time = 0; time < 200 && answers.TrueForAll(answer => answer.Status != 429); time++)
            answers.Add(await broker.GetCallerAsync());
        Assert.InRange(answers.Count, 60, 150);
        Assert.Equal("1", answers[^1].Header("Retry-After"));
    }

    [Fact]
    public async Task Zero_switches_all_of_them_off()
    {
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = 0, ["Burst"] = 1 },
            new ManualClock());
        for (var time = 0; time < 20; time++)
        {
            var answer = (await broker.GetAsync(RunnerApi.Organization)).Is(200);
            Assert.Null(answer.Header("RateLimit"));
            Assert.Null(answer.Header("RateLimit-Policy"));
            (await broker.SendAsync("GET", "/caller", change: request => request.As(jwt: null))).Is(401);
        }
    }

    [Fact]
    public async Task A_caller_that_asks_too_often_does_not_fill_the_log()
    {
        await using var broker = await RateLimitedBroker.StartAsync();
        while ((await broker.GetCallerAsync()).Status == 200)
        {
        }

        var lines = Lines();
        for (var time = 0; time < 20; time++)
            (await broker.GetCallerAsync()).IsLimited("caller");
        Assert.Equal(lines, Lines());
        Assert.Contains("too-many-requests: caller 'vm-1' of issuer 'sandbox'", broker.Logs.Text, StringComparison.Ordinal);

        int Lines() => broker.Logs.Lines.Count(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Information
            && line.Category.StartsWith("TokenBroker", StringComparison.Ordinal));
    }
}
