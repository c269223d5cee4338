using System.Diagnostics;
using System.Net;
using TokenBroker.Tests.Testing;

namespace TokenBroker.FaultTests;

/// <summary>Whatever Redis does under steady load, no caller fails and none waits half a second more than without it.</summary>
public sealed class RedisFaultTests(ITestOutputHelper output)
{
    private static readonly TimeSpan GitHubDelay = TimeSpan.FromMilliseconds(50);

    // A look-up, an installation token and a mint, half a second for Redis, and what two loaded cores add.
    private static readonly TimeSpan LongestWait = (3 * GitHubDelay) + TimeSpan.FromMilliseconds(500) + TimeSpan.FromMilliseconds(850);

    public static TheoryData<string> Faults => [.. RedisFaults.All];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Nobody_notices(string fault)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var replicas = await Replicas.StartAsync(2, proxy.Address, GitHubDelay);
        var scopes = replicas.AddRepositories(400);
        await replicas.AskAsync(0, scopes[0]);
        await replicas.AskAsync(1, scopes[0]);

        using var ending = new CancellationTokenSource();
        var load = LoadAsync(replicas, scopes, ending.Token);
        await PauseAsync(1);
        await RedisFaults.BeginAsync(fault, redis, proxy);
        await PauseAsync(fault is "stopped" or "packet loss" ? 6 : 3);
        if (fault is "killed" or "stopped" or "packet loss" or "read-only" or "out of memory")
            await Eventually.IsTrueAsync(async () => !await replicas.HasRedisAsync(0), "the broker said that Redis does not help");
        await RedisFaults.EndAsync(fault, redis, proxy);
        var returned = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(0) && await replicas.HasRedisAsync(1), "the brokers used Redis again");
        output.WriteLine($"{fault}: in use again after {Stopwatch.GetElapsedTime(returned).TotalSeconds:F1} s");
        Assert.InRange(Stopwatch.GetElapsedTime(returned), TimeSpan.Zero, TimeSpan.FromSeconds(8));
        await PauseAsync(1);
        await ending.CancelAsync();
        var answers = await load;

        var longest = answers.Max(answer => answer.Elapsed);
        output.WriteLine($"{fault}: {answers.Count} answers, the longest after {longest.TotalMilliseconds:F0} ms");
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.True(longest < LongestWait, $"Somebody waited {longest}.");

        // Shared again: what one mints is the other's hit.
        var fresh = replicas.AddRepositories(1)[0];
        var minted = await replicas.AskAsync(0, fresh);
        await Eventually.IsTrueAsync(async () => (await replicas.AskAsync(1, fresh)).Token == minted.Token, "a token was shared again");
    }

    /// <summary>The seed is printed, so that a run can be had again: SOAK_SEED.</summary>
    [Fact]
    public async Task Nobody_notices_faults_that_come_and_go()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var replicas = await Replicas.StartAsync(3, proxy.Address, GitHubDelay);
        var scopes = replicas.AddRepositories(2_000);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(broker => replicas.AskAsync(broker, scopes[0])));

        using var ending = new CancellationTokenSource();
        var load = LoadAsync(replicas, scopes, ending.Token);
        var faults = await RedisFaults.ComeAndGoAsync(redis, proxy, TestDuration.CreateRandom(output), TestDuration.Value);
        var returned = Stopwatch.GetTimestamp();
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(0) && await replicas.HasRedisAsync(1) && await replicas.HasRedisAsync(2), "the brokers used Redis again");
        var back = Stopwatch.GetElapsedTime(returned);
        await ending.CancelAsync();
        var answers = await load;

        var longest = answers.Max(answer => answer.Elapsed);
        output.WriteLine($"{faults.Count} faults ({string.Join(", ", faults)}): {answers.Count} answers, the longest after {longest.TotalMilliseconds:F0} ms, in use again after {back.TotalSeconds:F1} s");
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.True(longest < LongestWait, $"Somebody waited {longest}.");
        Assert.InRange(back, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task What_was_made_while_Redis_was_away_is_written_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address);
        await redis.KillAsync();
        await Eventually.IsTrueAsync(async () => !await replicas.HasRedisAsync(0) && !await replicas.HasRedisAsync(1), "the brokers noticed");
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
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(0) && await replicas.HasRedisAsync(1), "the brokers used Redis");
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        Assert.True((await replicas.AskAsync(1)).IsHit);
    }

    private static async Task<List<Replicas.Answer>> LoadAsync(Replicas replicas, IReadOnlyList<string> scopes, CancellationToken ending)
    {
        var jwt = replicas.Issuer.Sign();
        var running = new List<Task<Replicas.Answer>>();
        for (var number = 0; !ending.IsCancellationRequested; number++)
        {
            // Every other request is for a scope that nobody has asked for yet, while there are any.
            running.Add(replicas.AskAsync(number % replicas.Clients.Count, number % 4 < 2 ? scopes[0] : scopes[number % scopes.Count], jwt));
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return [.. await Task.WhenAll(running)];
    }

    private static Task PauseAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
}
