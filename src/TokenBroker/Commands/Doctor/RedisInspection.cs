using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>
/// Inspects the configured Redis once, over a connection of its own. It removes what it writes, and only reads what others wrote.
/// </summary>
internal sealed class RedisInspection(IOptions<RedisOptions> redis, IOptions<TokenCacheOptions> cache, TimeProvider clock)
{
    private const int Pings = 5;
    private const int MostTokens = 20;
    private const int MostScans = 20;
    private const int KeysPerScan = 500;
    private const CommandFlags SendWholeScript = CommandFlags.NoScriptCache;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OwnValueLife = TimeSpan.FromSeconds(10);

    public bool IsConfigured => redis.Value.IsSet;

    private string Prefix => cache.Value.RedisKeyPrefix;

    /// <summary>Connects, writes and reads a value of its own, and tries to decrypt some of the stored tokens.</summary>
    public async Task<RedisState> InspectAsync(CancellationToken cancellation)
    {
        var text = redis.Value.Redis is { Length: > 0 } given ? given : SecretFile.Read(redis.Value.RedisPath!);
        var address = RedisAddress.Parse(text);
        var state = new RedisState(address.Servers, address.IsEncrypted, address.ServiceName is not null);
        try
        {
            using var connection = await RedisConnector.ConnectAsync(
                address, cache.Value.RedisCaCertificatePath, Deadline, clock, cancellation);
            var servers = connection.GetServers();
            if (state.IsSentinel)
                state = state with { Servers = RedisServerName.Describe(servers[0].EndPoint), IsSentinel = false };
            return servers.All(server => server.IsReplica)
                ? state with { Fault = RedisFault.NoWrites, Refusal = RedisRefusal.ReadOnly }
                : await InspectAsync(connection.GetDatabase(), state with { Version = servers[0].Version }, cancellation);
        }
        catch (SentinelException exception)
        {
            return state with { Fault = ToFault(exception.Fault) };
        }
        catch (RedisServerException exception)
        {
            return state with { Fault = RedisFault.NoWrites, Refusal = RedisRefusal.ReadCode(exception) };
        }
        catch (RedisConnectionException exception)
        {
            var isRejected = RedisConnector.IsAuthenticationFailure(exception);
            return state with { Fault = isRejected ? RedisFault.CredentialsRejected : RedisFault.Unreachable };
        }
        catch (FormatException)
        {
            return state with { Fault = RedisFault.MalformedReply };
        }
        catch (Exception exception) when (exception is TimeoutException or ObjectDisposedException)
        {
            return state with { Fault = RedisFault.Unreachable };
        }
    }

    private async Task<RedisState> InspectAsync(IDatabase database, RedisState state, CancellationToken cancellation)
    {
        var keys = cache.Value.EncryptionKeys;
        var cipher = SecretCipher.Parse(keys.Count > 0 ? string.Join('\n', keys) : SecretFile.Read(cache.Value.EncryptionKeysPath!));
        var found = state with { RoundTrip = await MeasureAsync(database, cancellation) };
        if (!await KeepsWritesAsync(database, cipher, cancellation))
            return found with { Fault = RedisFault.NoWrites };
        if (await ListRefusedCommandsAsync(database, cancellation) is { Count: > 0 } refused)
            return found with { Fault = RedisFault.NoWrites, Refusal = RedisRefusal.NotPermitted, RefusedCommands = refused };

        foreach (var key in await ListTokensAsync(database, cancellation))
        {
            byte[]? value = await InTimeAsync(database.StringGetAsync(key), cancellation);
            if (value is null)
                continue;
            var unreadable = StoredSecret.IsReadable(cipher, key, value) ? 0 : 1;
            found = found with { Tokens = found.Tokens + 1, UnreadableTokens = found.UnreadableTokens + unreadable };
        }

        return found;
    }

    private static RedisFault ToFault(SentinelFault fault) => fault switch
    {
        SentinelFault.NoMaster => RedisFault.NoMaster,
        SentinelFault.CredentialsRejected => RedisFault.CredentialsRejected,
        _ => RedisFault.Unreachable,
    };

    // A script that lacks a permission fails only when a caller waits for it.
    private async Task<IReadOnlyList<string>> ListRefusedCommandsAsync(IDatabase database, CancellationToken cancellation)
    {
        var key = OwnKey();
        RedisValue[] channel = [RedisNames.Channel(Prefix).ToString()];
        return ScriptReply.Words(await InTimeAsync(
            database.ScriptEvaluateAsync(RedisScripts.CheckPermissions, [key, key + ":ledger"], channel, SendWholeScript), cancellation));
    }

    // The shortest of several: on a machine that has just started, other work would inflate the measurement.
    private async Task<TimeSpan> MeasureAsync(IDatabase database, CancellationToken cancellation)
    {
        var shortest = TimeSpan.MaxValue;
        for (var ping = 0; ping < Pings; ping++)
        {
            var took = await InTimeAsync(database.PingAsync(), cancellation);
            shortest = took < shortest ? took : shortest;
        }

        return shortest;
    }

    private async Task<bool> KeepsWritesAsync(IDatabase database, SecretCipher cipher, CancellationToken cancellation)
    {
        var key = OwnKey();
        var written = RandomNumberGenerator.GetHexString(32);
        await InTimeAsync(database.StringSetAsync(key, cipher.Encrypt(key, written), OwnValueLife), cancellation);
        byte[]? read = await InTimeAsync(database.StringGetAsync(key), cancellation);
        if (read is null)
            return false;

        // As the broker does it: a Redis user may lack the permission to run scripts, or to subscribe.
        var isRemoved = ScriptReply.Flag(await InTimeAsync(
            database.ScriptEvaluateAsync(RedisScripts.RemoveSame, [key], [read], SendWholeScript), cancellation));
        await database.Multiplexer.GetSubscriber()
            .SubscribeAsync(RedisNames.Channel(Prefix), (_, _) => { })
            .WaitAsync(Deadline, clock, cancellation);
        return isRemoved && cipher.TryDecrypt(key, read, out var text) && text == written;
    }

    // A Redis with other users may hold millions of keys, so only some of them are scanned.
    private async Task<IReadOnlyList<RedisKey>> ListTokensAsync(IDatabase database, CancellationToken cancellation)
    {
        var pattern = RedisNames.SecretPattern(Prefix);

        // A key may be returned more than once. See https://redis.io/docs/latest/commands/scan/#scan-guarantees
        var found = new HashSet<RedisKey>();
        var cursor = "0";
        for (var scan = 0; scan < MostScans && found.Count < MostTokens; scan++)
        {
            var page = database.ExecuteAsync("SCAN", cursor, "MATCH", pattern, "COUNT", KeysPerScan);
            var reply = ScriptReply.List(await InTimeAsync(page, cancellation), length: 2);
            found.UnionWith((RedisKey[])reply[1]!);
            cursor = (string)reply[0]!;
            if (cursor == "0")
                break;
        }

        return [.. found.Take(MostTokens)];
    }

    private string OwnKey() => $"{Prefix}doctor:{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    private Task<T> InTimeAsync<T>(Task<T> reply, CancellationToken cancellation) => reply.WaitAsync(Deadline, clock, cancellation);
}

/// <summary>Redis as the inspection found it.</summary>
/// <param name="Servers">Where it is.</param>
/// <param name="IsEncrypted">Whether the connection uses TLS.</param>
/// <param name="IsSentinel">Whether the servers are sentinels.</param>
internal sealed record RedisState(string Servers, bool IsEncrypted, bool IsSentinel)
{
    /// <summary>What prevents the broker from using it at all.</summary>
    public RedisFault Fault { get; init; }

    /// <summary>The code of the refusal, if Redis gave one: <c>READONLY</c>, <c>OOM</c>.</summary>
    public string? Refusal { get; init; }

    /// <summary>The commands that the user may not run, if it may run scripts.</summary>
    public IReadOnlyList<string> RefusedCommands { get; init; } = [];

    /// <summary>Its version; null if unknown.</summary>
    public Version? Version { get; init; }

    public TimeSpan RoundTrip { get; init; }

    /// <summary>How many tokens of brokers with this prefix were inspected.</summary>
    public int Tokens { get; init; }

    /// <summary>How many of them no key decrypts.</summary>
    public int UnreadableTokens { get; init; }
}

/// <summary>Why Redis cannot be used.</summary>
internal enum RedisFault
{
    None,

    /// <summary>Nothing answers, or not in time, or not as Redis does.</summary>
    Unreachable,

    /// <summary>It rejects the user or the password, or shows a certificate that is not trusted.</summary>
    CredentialsRejected,

    /// <summary>It rejects writes, or does not return what was written.</summary>
    NoWrites,

    /// <summary>It gives a malformed reply to a script.</summary>
    MalformedReply,

    /// <summary>The sentinels do not know the master's name, or name a server that is not a master.</summary>
    NoMaster,
}
