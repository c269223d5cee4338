using System.Net;
using System.Runtime.CompilerServices;
using StackExchange.Redis;
using TokenBroker.Caching.Redis.Addresses;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Connects to the Redis of an address within a deadline; if the address names sentinels, to the master that they name at this moment.
/// The client's own support for sentinels blocks threads and replaces the connection without the broker's knowledge.
/// </summary>
internal static class RedisConnector
{
    /// <summary>Connects. Throws a <see cref="SentinelException"/> if the sentinels are at fault, and whatever the client throws.</summary>
    public static async Task<ConnectionMultiplexer> ConnectAsync(
        RedisAddress address, string? authorities, TimeSpan deadline, TimeProvider clock, CancellationToken cancellation)
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

    /// <summary>Whether Redis rejected the credentials, or showed a certificate that is not trusted.</summary>
    public static bool IsAuthenticationFailure(Exception exception) =>
        exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure };

    // The first sentinel to answer may not know the new master yet.
    private static async Task<ConnectionMultiplexer> ConnectToMasterAsync(
        RedisAddress address, string service, string? authorities, CancellationToken cancellation)
    {
        Exception? fault = null;
        await foreach (var master in FindMastersAsync(address.ToSentinelOptions(authorities), service, cancellation))
        {
            try
            {
                var connection = await ConnectAsync(address.ToOptions(authorities, master), cancellation);
                if (!connection.GetServers()[0].IsReplica)
                    return connection;
                connection.Dispose();
                fault = new SentinelException(SentinelFault.NoMaster);
            }
            catch (RedisConnectionException exception)
            {
                fault = exception;
            }
        }

        throw fault ?? new SentinelException(SentinelFault.NoMaster);
    }

    // The masters that the sentinels name, each once, in the order of the answers. All sentinels are asked at once: one on a dead machine
    // must not hold up the others.
    private static async IAsyncEnumerable<EndPoint> FindMastersAsync(
        IReadOnlyList<ConfigurationOptions> sentinels, string service, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var worst = SentinelFault.Unreachable;
        var found = new HashSet<EndPoint>();
        var questions = sentinels.Select(sentinel => AskForMasterAsync(sentinel, service, cancellation));
        await foreach (var question in Task.WhenEach(questions).WithCancellation(cancellation))
        {
            var (master, fault) = await question;
            if (master is not null && found.Add(master))
                yield return master;
            worst = fault > worst ? fault.Value : worst;
        }

        if (found.Count == 0)
            throw new SentinelException(worst);
    }

    private static async Task<(EndPoint? Master, SentinelFault? Fault)> AskForMasterAsync(
        ConfigurationOptions sentinel, string service, CancellationToken cancellation)
    {
        try
        {
            using var connection = await ConnectAsync(sentinel, cancellation);
            var master = await connection.GetServers()[0].SentinelGetMasterAddressByNameAsync(service).WaitAsync(cancellation);
            return (master, master is null ? SentinelFault.NoMaster : null);
        }
        catch (RedisConnectionException exception) when (IsAuthenticationFailure(exception))
        {
            return (null, SentinelFault.CredentialsRejected);
        }
        catch (RedisServerException exception)
        {
            return (null, RedisRefusal.IsAboutCredentials(exception) ? SentinelFault.CredentialsRejected : SentinelFault.Unreachable);
        }
        catch (Exception exception) when (
            exception is RedisException or TimeoutException or ObjectDisposedException or OperationCanceledException)
        {
            return (null, SentinelFault.Unreachable);
        }
    }

    // Leaves no connection behind that is established too late.
    private static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options, CancellationToken cancellation)
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
            // It never connected, which has been reported already.
        }
    }
}

/// <summary>Why the sentinels do not lead to a master, the most telling last.</summary>
internal enum SentinelFault
{
    /// <summary>None answers as a sentinel.</summary>
    Unreachable,

    /// <summary>One rejects the user or the password, or shows a certificate that is not trusted.</summary>
    CredentialsRejected,

    /// <summary>One does not know the master's name, or names a server that is not a master.</summary>
    NoMaster,
}

/// <summary>The sentinels do not lead to a master.</summary>
internal sealed class SentinelException(SentinelFault fault) : Exception("The sentinels name no usable master.")
{
    public SentinelFault Fault => fault;
}
