using System.Globalization;
using System.Net;
using StackExchange.Redis;

namespace TokenBroker.FaultTests;

/// <summary>A master, a replica of it and three sentinels that watch them, all real, on free ports.</summary>
internal sealed class SentinelSet : IAsyncDisposable
{
    public const string Service = "mymaster";

    private readonly TemporaryFolder files = new();
    private readonly List<RedisServer> servers = [];
    private readonly List<RedisServer> sentinels = [];

    /// <summary>The sentinels as a connection string names them.</summary>
    public string Address => string.Join(',', sentinels.Select(sentinel => sentinel.Address)) + ",serviceName=" + Service;

    public IReadOnlyList<RedisServer> Sentinels => sentinels;

    /// <summary>Starts all, and waits until the sentinels could replace the master.</summary>
    /// <param name="password">The password of master and replica; none where it is empty.</param>
    /// <param name="sentinelPassword">The password of the sentinels; none where it is empty.</param>
    public static async Task<SentinelSet> StartAsync(string password = "", string sentinelPassword = "")
    {
        var set = new SentinelSet();
        try
        {
            await set.BeginAsync(password, sentinelPassword);
            await set.WaitUntilCompleteAsync();
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until every sentinel knows the others and a replica that could be the master.</summary>
    public async Task WaitUntilCompleteAsync()
    {
        foreach (var sentinel in sentinels)
        {
            await Eventually.IsTrueAsync(
                async () =>
                {
                    var seen = (RedisResult[])(await sentinel.RunAsync("SENTINEL", "MASTER", Service))!;
                    var known = seen.Chunk(2).ToDictionary(pair => (string)pair[0]!, pair => (string)pair[1]!, StringComparer.Ordinal);
                    var replicas = (RedisResult[])(await sentinel.RunAsync("SENTINEL", "REPLICAS", Service))!;
                    return known["flags"] == "master" && known["num-other-sentinels"] == "2"
                        && replicas.Select(replica => (string)((RedisResult[])replica!)[9]!).Contains("slave", StringComparer.Ordinal);
                },
                "the sentinels knew each other and a replica");
        }
    }

    /// <summary>The server that the first sentinel names.</summary>
    public async Task<RedisServer> FindMasterAsync()
    {
        var address = (RedisResult[])(await sentinels[0].RunAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service))!;
        return servers.Single(server => server.Port == int.Parse((string)address[1]!, CultureInfo.InvariantCulture));
    }

    /// <summary>The clients of a sentinel that are no sentinels, but for the one that asks.</summary>
    public static async Task<int> CountClientsAsync(RedisServer sentinel)
    {
        var lines = ((string)(await sentinel.RunAsync("CLIENT", "LIST"))!).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Count(line => !line.Contains(" name=sentinel-", StringComparison.Ordinal)
            && !line.Contains(" name=" + Dns.GetHostName(), StringComparison.OrdinalIgnoreCase));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in sentinels.Concat(servers))
            await server.DisposeAsync();
        files.Dispose();
    }

    private async Task BeginAsync(string password, string sentinelPassword)
    {
        string[] credentials = password.Length == 0 ? [] : ["--requirepass", password, "--masterauth", password];
        var master = await RedisServer.StartAsync(credentials);
        servers.Add(master);
        servers.Add(await RedisServer.StartAsync([
            .. credentials,
            "--replicaof",
            "127.0.0.1",
            master.Port.ToString(CultureInfo.InvariantCulture),
            "--repl-diskless-sync-delay",
            "0",
        ]));
        for (var number = 0; number < 3; number++)
        {
            sentinels.Add(await RedisServer.StartSentinelAsync(
                files,
                string.Create(CultureInfo.InvariantCulture, $"""
                    sentinel monitor {Service} 127.0.0.1 {master.Port} 2
                    sentinel down-after-milliseconds {Service} 1000
                    sentinel failover-timeout {Service} 5000
                    {(password.Length == 0 ? "" : $"sentinel auth-pass {Service} {password}")}
                    {(sentinelPassword.Length == 0 ? "" : $"requirepass {sentinelPassword}\nsentinel sentinel-pass {sentinelPassword}")}

                    """),
                sentinelPassword));
        }
    }
}
