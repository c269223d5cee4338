using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using StackExchange.Redis;
using TokenBroker.Tests.Testing;

namespace TokenBroker.FaultTests;

/// <summary>Whatever Redis does under steady load, no caller fails and none waits half a second more than without it.</summary>
public sealed class RedisFaultTests(ITestOutputHelper output)
{
    private static readonly TimeSpan GitHubDelay = TimeSpan.FromMilliseconds(50);

    // A look-up, an installation token and a mint, half a second for Redis, and what two loaded cores add.
    private static readonly TimeSpan LongestWait = (3 * GitHubDelay) + TimeSpan.FromMilliseconds(500) + TimeSpan.FromMilliseconds(850);

    public static TheoryData<string> Faults => ["killed", "stopped", "emptied", "read-only", "out of memory", "slow", "packet loss", "corrupted", "swapped"];

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
        await BeginAsync(fault, redis, proxy);
        await PauseAsync(fault is "stopped" or "packet loss" ? 6 : 3);
        if (fault is "killed" or "stopped" or "packet loss" or "read-only" or "out of memory")
            await Eventually.IsTrueAsync(async () => !await replicas.HasRedisAsync(0), "the broker said that Redis does not help");
        await EndAsync(fault, redis, proxy);
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
        for (var number = 0; number < 600 && !ending.IsCancellationRequested; number++)
        {
            // Every other request is for a scope that nobody has asked for yet.
            running.Add(replicas.AskAsync(number % 2, number % 4 < 2 ? scopes[0] : scopes[number % scopes.Count], jwt));
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return [.. await Task.WhenAll(running)];
    }

    private static Task PauseAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);

    private static async Task BeginAsync(string fault, RedisServer redis, TcpProxy proxy)
    {
        switch (fault)
        {
            case "killed":
                await redis.KillAsync();
                break;
            case "stopped":
                await redis.StopAsync();
                break;
            case "emptied":
                await redis.RunAsync("flushall");
                break;
            case "read-only":
                await redis.RunAsync("replicaof", "127.0.0.1", "1");
                break;
            case "out of memory":
                await redis.RunAsync("config", "set", "maxmemory", "1");
                break;
            case "slow":
                proxy.Delay = TimeSpan.FromMilliseconds(100);
                break;
            case "packet loss":
                proxy.Swallows = true;
                break;
            default:
                await OverwriteAsync(redis, isSwapped: fault == "swapped");
                break;
        }
    }

    private static async Task EndAsync(string fault, RedisServer redis, TcpProxy proxy)
    {
        proxy.Delay = TimeSpan.Zero;
        proxy.Swallows = false;
        switch (fault)
        {
            case "killed":
                await redis.RestartAsync();
                break;
            case "stopped":
                await redis.ContinueAsync();
                break;
            case "read-only":
                await redis.RunAsync("replicaof", "no", "one");
                break;
            case "out of memory":
                await redis.RunAsync("config", "set", "maxmemory", "0");
                break;
        }
    }

    private static async Task OverwriteAsync(RedisServer redis, bool isSwapped)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        connection.PreserveAsyncOrder = false;
        var secrets = (await redis.DumpAsync()).Where(entry => entry.Key.EndsWith(":secret", StringComparison.Ordinal)).ToList();
        for (var index = 0; index < secrets.Count; index++)
        {
            var value = isSwapped ? secrets[(index + 1) % secrets.Count].Value : RandomNumberGenerator.GetBytes(200);
            await connection.GetDatabase().StringSetAsync(secrets[index].Key, value);
        }
    }
}
