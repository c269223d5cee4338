using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Connects to the Redis of an address, within a deadline; where the address names sentinels, to the master that they name at this moment.
/// The client's own way with sentinels blocks threads and changes the connection behind the broker's back.
/// </summary>
internal static class RedisConnector
{
    /// <summary>Connects. Throws <see cref="SentinelException"/> for what is wrong with the sentinels, and what the client throws.</summary>
    public static async Task<ConnectionMultiplexer> ConnectAsync(RedisAddress address, string? authorities, TimeSpan deadline, TimeProvider clock, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(deadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            return address.ServiceName is { } service
                ? await ConnectToMasterAsync(address, service, authorities, either.Token)
                : await ConnectAsync(address.ToOptions(authorities), either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }

    // The first answer may be that of a sentinel which does not know yet.
    private static async Task<ConnectionMultiplexer> ConnectToMasterAsync(RedisAddress address, string service, string? authorities, CancellationToken cancellation)
    {
        Exception? fault = null;
        await foreach (var master in RedisSentinels.FindMastersAsync(address.ToSentinelOptions(authorities), service, cancellation))
        {
            try
            {
                var connection = await ConnectAsync(address.ToOptions(authorities, master), cancellation);
                if (!connection.GetServers()[0].IsReplica)
                    return connection;
                connection.Dispose();
                fault = new SentinelException(RedisFault.NoMaster);
            }
            catch (RedisConnectionException exception)
            {
                fault = exception;
            }
        }

        throw fault ?? new SentinelException(RedisFault.NoMaster);
    }

    /// <summary>Connects with these settings, and leaves nothing behind that connects too late.</summary>
    public static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options, CancellationToken cancellation)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(options);
        try
        {
            return await connecting.WaitAsync(cancellation);
        }
        catch
        {
            _ = DisposeLaterAsync(connecting);
            throw;
        }
    }

    private static async Task DisposeLaterAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            (await connecting).Dispose();
        }
        catch (Exception)
        {
            // It never was a connection, which has been told already.
        }
    }
}
