using System.Net;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>Asks sentinels where the master is. All are asked at once: one whose machine is gone must not keep the others' answers back.</summary>
internal static class RedisSentinels
{
    /// <summary>
    /// The masters that the sentinels name, each once, in the order of their answers. Throws <see cref="SentinelException"/> if none of them names one.
    /// </summary>
    /// <param name="sentinels">How to connect to each.</param>
    /// <param name="service">The master's name.</param>
    /// <param name="cancellation">Ends the search.</param>
    public static async IAsyncEnumerable<EndPoint> FindMastersAsync(
        IReadOnlyList<ConfigurationOptions> sentinels, string service, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var fault = RedisFault.Unreachable;
        var found = new HashSet<EndPoint>();
        await foreach (var asking in Task.WhenEach(sentinels.Select(sentinel => AskAsync(sentinel, service, cancellation))).WithCancellation(cancellation))
        {
            var (master, faultOfOne) = await asking;
            if (master is not null && found.Add(master))
                yield return master;
            fault = faultOfOne > fault ? faultOfOne : fault;
        }

        if (found.Count == 0)
            throw new SentinelException(fault);
    }

    private static async Task<(EndPoint? Master, RedisFault Fault)> AskAsync(ConfigurationOptions sentinel, string service, CancellationToken cancellation)
    {
        try
        {
            using var connection = await RedisConnector.ConnectAsync(sentinel, cancellation);
            var master = await connection.GetServers()[0].SentinelGetMasterAddressByNameAsync(service).WaitAsync(cancellation);
            return (master, master is null ? RedisFault.NoMaster : RedisFault.None);
        }
        catch (RedisConnectionException exception) when (exception.FailureType == ConnectionFailureType.AuthenticationFailure)
        {
            return (null, RedisFault.NotLetIn);
        }
        catch (RedisServerException exception)
        {
            return (null, RedisRefusal.IsOfCredentials(exception) ? RedisFault.NotLetIn : RedisFault.Unreachable);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            return (null, RedisFault.Unreachable);
        }
    }
}
