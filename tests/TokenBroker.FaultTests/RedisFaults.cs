using System.Diagnostics;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace TokenBroker.FaultTests;

/// <summary>What can be wrong with a Redis.</summary>
internal static class RedisFaults
{
    public static readonly IReadOnlyList<string> All =
    [
        "killed",
        "stopped",
        "emptied",
        "read-only",
        "out of memory",
        "slow",
        "packet loss",
        "corrupted",
        "swapped",
    ];

    public static async Task BeginAsync(string fault, RedisServer redis, TcpProxy proxy)
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

    /// <summary>Lets faults come and go until the time is over, the last one gone; tells which there were.</summary>
    public static async Task<IReadOnlyList<string>> ComeAndGoAsync(RedisServer redis, TcpProxy proxy, Random random, TimeSpan duration)
    {
        var started = Stopwatch.GetTimestamp();
        var faults = new List<string>();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            var fault = All[random.Next(All.Count)];
            faults.Add(fault);
            await BeginAsync(fault, redis, proxy);
            await PauseAsync(random);
            await EndAsync(fault, redis, proxy);
            await PauseAsync(random);
        }

        return faults;
    }

    public static async Task EndAsync(string fault, RedisServer redis, TcpProxy proxy)
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

    private static Task PauseAsync(Random random) => Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 3_000)), TimeProvider.System);

    private static async Task OverwriteAsync(RedisServer redis, bool isSwapped)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(redis.Address);
        var secrets = (await redis.DumpAsync()).Where(entry => entry.Key.EndsWith(":secret", StringComparison.Ordinal)).ToList();
        for (var index = 0; index < secrets.Count; index++)
        {
            var value = isSwapped ? secrets[(index + 1) % secrets.Count].Value : RandomNumberGenerator.GetBytes(200);
            await connection.GetDatabase().StringSetAsync(secrets[index].Key, value);
        }
    }
}
