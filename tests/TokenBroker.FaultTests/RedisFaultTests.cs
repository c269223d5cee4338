using System.Diagnostics;
using System.Net;

namespace TokenBroker.FaultTests;

/// <summary>
/// Whatever Redis does while machines boot by the hundred, no caller fails and none waits half a second more than without it.
/// </summary>
public sealed class RedisFaultTests(ITestOutputHelper output)
{
    private static readonly TimeSpan GitHubDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(8);

    // Half a second may be Redis', and as much is what two loaded cores add to the best of storms.
    private static readonly TimeSpan MoreThanWithout = TimeSpan.FromMilliseconds(500) + TimeSpan.FromMilliseconds(500);

    public static TheoryData<string> Faults => [.. RedisFaults.All];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task No_caller_notices(string fault)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var replicas = await Replicas.StartAsync(3, proxy.Address, GitHubDelay);
        using var load = new RedisLoad(replicas);
        await load.BeginAsync(TimeSpan.FromSeconds(2));

        await RedisFaults.BeginAsync(fault, redis, proxy);
        await PauseAsync(fault is "stopped" or "packet loss" ? 6 : 3);
        if (fault is "killed" or "stopped" or "packet loss" or "read-only" or "out of memory")
            await Eventually.IsTrueAsync(async () => !await replicas.HasRedisAsync(0), "the broker said that Redis does not help");
        await RedisFaults.EndAsync(fault, redis, proxy);
        var back = await ReturnAsync(replicas);
        await PauseAsync(1);
        AssertUnnoticed(fault, await load.EndAsync(), back);

        // Shared again: what one mints is the other's hit.
        var fresh = replicas.AddRepositories(1)[0];
        var minted = await replicas.AskAsync(0, fresh);
        await Eventually.IsTrueAsync(async () => (await replicas.AskAsync(1, fresh)).Token == minted.Token, "a token was shared again");
    }

    /// <summary>A minute of it, or SOAK_SECONDS. The seed is printed, so that a run can be had again: SOAK_SEED.</summary>
    [Fact]
    public async Task No_caller_notices_faults_that_come_and_go()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var replicas = await Replicas.StartAsync(3, proxy.Address, GitHubDelay);
        using var load = new RedisLoad(replicas);
        await load.BeginAsync(TimeSpan.FromSeconds(5));
        var faults = await RedisFaults.ComeAndGoAsync(redis, proxy, TestDuration.CreateRandom(output), TestDuration.Value);
        var back = await ReturnAsync(replicas);
        AssertUnnoticed($"{faults.Count} faults", await load.EndAsync(), back);
    }

    [Fact]
    public async Task A_storm_on_many_scopes_waits_no_longer_when_Redis_falls_silent()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var replicas = await Replicas.StartAsync(3, proxy.Address, GitHubDelay);
        replicas.GitHub.RateLimit = 10_000_000;
        await StormAsync(replicas);
        var storm = StormAsync(replicas);
        await PauseAsync(0.05);
        proxy.Swallows = true;
        var with = await storm;

        // Each replica mints for itself then, and that takes its time too.
        var known = await StormAsync(replicas);
        output.WriteLine(
            $"the longest {with.TotalMilliseconds:F0} ms, and {known.TotalMilliseconds:F0} ms when it is known that Redis is gone");
        Assert.True(with < known + MoreThanWithout, $"Somebody waited {with}, and when it is known {known}.");
    }

    [Fact]
    public async Task What_was_made_while_Redis_was_away_is_written_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address);
        await redis.KillAsync();
        await Eventually.IsTrueAsync(
            async () => !await replicas.HasRedisAsync(0) && !await replicas.HasRedisAsync(1),
            "the brokers noticed");
        var scope = replicas.AddRepositories(1)[0];
        var minted = await replicas.AskAsync(0, scope);
        await redis.RestartAsync();
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(1), "the other broker used Redis again");
        var other = await replicas.AskAsync(1, scope);
        Assert.Equal((minted.Token, true), (other.Token, other.IsHit));
    }

    [Fact]
    public async Task Redis_may_be_absent_at_start_and_come_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.KillAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0)).Status);
        Assert.False(await replicas.HasRedisAsync(0));
        await redis.RestartAsync();
        await Eventually.IsTrueAsync(
            async () => await replicas.HasRedisAsync(0) && await replicas.HasRedisAsync(1),
            "the brokers used Redis");
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        Assert.True((await replicas.AskAsync(1)).IsHit);
    }

    // 200 scopes that nobody has asked for yet, each wanted of each replica; gives the longest wait.
    private static async Task<TimeSpan> StormAsync(Replicas replicas)
    {
        var jwt = replicas.Issuer.Sign();
        var answers = await Task.WhenAll(replicas
            .AddRepositories(200)
            .SelectMany(scope => Enumerable.Range(0, replicas.Clients.Count).Select(replica => replicas.AskAsync(replica, scope, jwt))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        return answers.Max(answer => answer.Elapsed);
    }

    private static async Task<TimeSpan> ReturnAsync(Replicas replicas)
    {
        var returned = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(async () => (await Task.WhenAll(Enumerable.Range(
            0,
            replicas.Clients.Count).Select(replicas.HasRedisAsync))).All(helps => helps), "the brokers used Redis again");
        return Stopwatch.GetElapsedTime(returned);
    }

    private void AssertUnnoticed(string what, RedisLoad.Result result, TimeSpan back)
    {
        output.WriteLine($"| {what} | {result.Storms.Count} storms, {result.Answers.Count} answers "
            + $"| {result.Storms.Sum(storm => storm.Mints)} mints | the longest {result.Longest.TotalMilliseconds:F0} ms, "
            + $"without {result.Without.TotalMilliseconds:F0} ms | in use again after {back.TotalSeconds:F1} s |");
        Assert.All(result.Answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.All(result.Storms, storm => Assert.InRange(storm.Mints, 1, 3));

        // Redis answers all the while: one mint for all replicas, but for a storm that the fault came into.
        if (what is "emptied" or "corrupted" or "swapped")
            Assert.InRange(result.Storms.Sum(storm => storm.Mints), result.Storms.Count, result.Storms.Count + 2);
        Assert.True(
            result.Longest < result.Without + MoreThanWithout,
            $"Somebody waited {result.Longest}, and without the fault {result.Without}.");
        Assert.InRange(back, TimeSpan.Zero, LongestReturn);
    }

    private static Task PauseAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
}
