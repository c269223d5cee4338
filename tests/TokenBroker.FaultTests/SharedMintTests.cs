using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.FaultTests;

/// <summary>Several replicas behave as one.</summary>
public sealed class SharedMintTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Nine_hundred_callers_over_three_replicas_cause_one_mint()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, redis.Address, TimeSpan.FromMilliseconds(150));
        var jwts = Enumerable.Range(0, 900).Select(number => replicas.Issuer.Sign(new { sub = "vm-" + number })).ToList();
        var started = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(jwts.Select((jwt, number) => replicas.AskAsync(number % 3, jwt: jwt)));
        var wall = Stopwatch.GetElapsedTime(started);
        var waits = answers.Select(answer => answer.Elapsed.TotalMilliseconds).Order().ToList();
        output.WriteLine($"callers 900, mints {replicas.GitHub.Requests.RegistrationTokens}, p50 {waits[450]:F0} ms,"
            + $" p99 {waits[891]:F0} ms, wall {wall.TotalMilliseconds:F0} ms");

        if (replicas.GitHub.Requests.RegistrationTokens > 1)
            output.WriteLine(string.Join('\n', replicas.Processes.Select(process => process.Output)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Single(answers.Select(answer => answer.Token).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, replicas.GitHub.Requests.RegistrationTokens);
        Assert.Equal(1, replicas.GitHub.Requests.InstallationTokens);
        Assert.InRange(replicas.GitHub.Requests.InstallationLookups, 1, 3);
    }

    [Fact]
    public async Task A_token_outlives_the_replica_that_minted_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address);
        var first = await replicas.AskAsync(0);
        await WaitForSecretsAsync(redis, 1);
        await replicas.Processes[0].KillAsync();
        var second = await replicas.AskAsync(1);
        Assert.Equal((first.Token, true), (second.Token, second.IsHit));
        Assert.Equal(1, replicas.GitHub.Requests.RegistrationTokens);
    }

    /// <summary>The limit of requests that reach GitHub lets a caller start one mint here, and take over as many as others made.</summary>
    [Fact]
    public async Task What_another_replica_minted_costs_a_caller_nothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address, configure: (configuration, _) =>
            configuration["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = 1, ["Burst"] = 11 });
        var scopes = replicas.AddRepositories(7);
        foreach (var (number, scope) in scopes.Take(5).Index())
            Assert.Equal(
                HttpStatusCode.Created,
                (await replicas.AskAsync(0, scope, replicas.Issuer.Sign(new { sub = "vm-1" + number }))).Status);
        await WaitForSecretsAsync(redis, 5);
        foreach (var scope in scopes.Take(5))
            Assert.True((await replicas.AskAsync(1, scope)).IsHit);
        Assert.Equal(5, replicas.GitHub.Requests.RegistrationTokens);

        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(1, scopes[5])).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await replicas.AskAsync(1, scopes[6])).Status);
    }

    [Fact]
    public async Task A_holder_that_is_killed_costs_the_rest_its_lease()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address);
        replicas.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");
        var lost = replicas.AskAsync(0).ContinueWith(task => task.Exception, TaskScheduler.Default);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await replicas.GitHub.Requests.WaitUntilAsync(requests => requests.Held > 0, deadline.Token);
        var waiting = Task.WhenAll(Enumerable.Range(0, 50).Select(_ => replicas.AskAsync(1)));
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        await replicas.Processes[0].KillAsync();
        var answers = await waiting;
        await lost;
        output.WriteLine($"the longest waited {answers.Max(answer => answer.Elapsed.TotalSeconds):F1} s");
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.All(answers, answer => Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(7.5)));
        Assert.Single(answers.Select(answer => answer.Token).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Replicas_do_not_fail_one_after_the_other()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, redis.Address);
        replicas.GitHub.Faults.Add(SandboxFaultNames.MissingPermission);
        var first = await replicas.AskAsync(0);
        Assert.Equal(HttpStatusCode.Forbidden, first.Status);
        var requests = replicas.GitHub.Requests.Total;
        await Eventually.IsTrueAsync(
            async () => (await redis.DumpAsync()).Keys.Any(key => key.EndsWith(":failure", StringComparison.Ordinal)),
            "the failure was shared");
        Assert.Equal(HttpStatusCode.Forbidden, (await replicas.AskAsync(1)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await replicas.AskAsync(2)).Status);
        Assert.Equal(requests, replicas.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData(false, 3, "a lock that never ends is nobody's")]
    [InlineData(true, 8, "nor is one that nobody renews for as long as its lease")]
    public async Task An_abandoned_lock_is_ignored(bool expires, double seconds, string why)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(1, redis.Address);
        var scope = replicas.AddRepositories(1)[0];
        var host = replicas.GitHub.Address.Authority;
        var key = Caching.Redis.RedisNames.FromKey("token-broker:", $"1|{host}|{replicas.GitHub.ClientId}|Registration|{scope}").Lock;
        await redis.RunAsync("set", expires ? [(string)key!, "left over", "PX", 3_600_000] : [(string)key!, "left over"]);
        var answer = await replicas.AskAsync(0, scope);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        Assert.True(answer.Elapsed < TimeSpan.FromSeconds(seconds), why);
        Assert.True(!expires || answer.Elapsed > TimeSpan.FromSeconds(4), "The lock was not looked at.");
    }

    internal static Task WaitForSecretsAsync(RedisServer redis, int count) => Eventually.IsTrueAsync(
        async () => (await redis.TokenKeysAsync()).Count >= count, "the tokens were in Redis");
}
