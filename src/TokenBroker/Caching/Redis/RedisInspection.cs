using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Looks at the configured Redis once, by a connection of its own: what it writes it takes away again, and what others wrote it only reads.
/// </summary>
internal sealed class RedisInspection(IOptions<RedisOptions> redis, IOptions<TokenCacheOptions> cache, TimeProvider clock)
{
    private const int Pings = 5;
    private const int MostTokens = 20;
    private const int MostScans = 20;
    private const int KeysOfScan = 500;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan OwnValueLife = TimeSpan.FromSeconds(10);

    /// <summary>Whether there is a Redis at all.</summary>
    public bool IsConfigured => redis.Value.IsSet;

    /// <summary>Connects, writes and reads a value of its own, and tries to read some of the tokens that are there.</summary>
    public async Task<RedisState> LookAsync(CancellationToken cancellation)
    {
        var text = redis.Value.Redis is { Length: > 0 } given ? given : SecretFile.Read(redis.Value.RedisPath!);
        var address = RedisAddress.Parse(text);
        var state = new RedisState(address.Servers, address.IsEncrypted, address.ServiceName is not null);
        try
        {
            using var connection = await RedisConnector.ConnectAsync(address, cache.Value.RedisCaCertificatePath, Deadline, clock, cancellation);
            var servers = connection.GetServers();
            if (state.IsSentinel)
                state = state with { Servers = RedisServerName.Describe(servers[0].EndPoint), IsSentinel = false };
            return servers.All(server => server.IsReplica)
                ? state with { Fault = RedisFault.NoWrites, Refusal = RedisRefusal.ReadOnly }
                : await LookAsync(connection.GetDatabase(), state with { Version = servers[0].Version }, cancellation);
        }
        catch (SentinelException exception)
        {
            return state with { Fault = exception.Fault };
        }
        catch (RedisServerException exception)
        {
            return state with { Fault = RedisFault.NoWrites, Refusal = RedisRefusal.Of(exception) };
        }
        catch (RedisConnectionException exception)
        {
            return state with { Fault = exception.FailureType == ConnectionFailureType.AuthenticationFailure ? RedisFault.NotLetIn : RedisFault.Unreachable };
        }
        catch (FormatException)
        {
            return state with { Fault = RedisFault.Strange };
        }
        catch (Exception exception) when (exception is TimeoutException or ObjectDisposedException)
        {
            return state with { Fault = RedisFault.Unreachable };
        }
    }

    private async Task<RedisState> LookAsync(IDatabase database, RedisState state, CancellationToken cancellation)
    {
        var cipher = SecretCipher.Parse(cache.Value.EncryptionKeys.Count > 0 ? string.Join('\n', cache.Value.EncryptionKeys) : SecretFile.Read(cache.Value.EncryptionKeysPath!));
        var found = state with { RoundTrip = await MeasureAsync(database, cancellation) };
        if (!await GivesBackAsync(database, cipher, cancellation))
            return found with { Fault = RedisFault.NoWrites };
        if (await FindRefusedAsync(database, cancellation) is { Count: > 0 } refused)
            return found with { Fault = RedisFault.NoWrites, Refusal = RedisRefusal.NotPermitted, RefusedCommands = refused };

        foreach (var key in await FindTokensAsync(database, cancellation))
        {
            byte[]? value = await InTimeAsync(database.StringGetAsync(key), cancellation);
            if (value is not null)
                found = found with { Tokens = found.Tokens + 1, UnreadableTokens = found.UnreadableTokens + (RedisSecrets.IsReadable(cipher, key, value) ? 0 : 1) };
        }

        return found;
    }

    // What scripts may not do they say in an error of their own, when a caller waits for them.
    private async Task<IReadOnlyList<string>> FindRefusedAsync(IDatabase database, CancellationToken cancellation)
    {
        var prefix = $"{cache.Value.RedisKeyPrefix}doctor:{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        return ScriptAnswer.Words(await InTimeAsync(
            database.ScriptEvaluateAsync(RedisScripts.Rights, [prefix, prefix + ":ledger"], [RedisNames.ChannelOf(cache.Value.RedisKeyPrefix).ToString()], CommandFlags.NoScriptCache), cancellation));
    }

    // The shortest of several: what a machine that has just started does beside is not Redis' time.
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

    private async Task<bool> GivesBackAsync(IDatabase database, SecretCipher cipher, CancellationToken cancellation)
    {
        var key = $"{cache.Value.RedisKeyPrefix}doctor:{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        var written = RandomNumberGenerator.GetHexString(32);
        await InTimeAsync(database.StringSetAsync(key, cipher.Encrypt(key, written), OwnValueLife), cancellation);
        byte[]? read = await InTimeAsync(database.StringGetAsync(key), cancellation);
        if (read is null)
            return false;

        // As brokers do it: a user of Redis may lack the right to run scripts, or to hear what the others send round.
        var isRemoved = ScriptAnswer.Flag(await InTimeAsync(database.ScriptEvaluateAsync(RedisScripts.RemoveSame, [key], [read], CommandFlags.NoScriptCache), cancellation));
        await database.Multiplexer.GetSubscriber().SubscribeAsync(RedisNames.ChannelOf(cache.Value.RedisKeyPrefix), (_, _) => { }).WaitAsync(Deadline, clock, cancellation);
        return isRemoved && cipher.TryDecrypt(key, read, out var text) && text == written;
    }

    // A Redis that others use too may hold millions of keys, of which no more than a part is looked through.
    private async Task<IReadOnlyList<RedisKey>> FindTokensAsync(IDatabase database, CancellationToken cancellation)
    {
        var pattern = RedisNames.PatternOfValues(cache.Value.RedisKeyPrefix);

        // A key may come more than once. See https://redis.io/docs/latest/commands/scan/#scan-guarantees
        var found = new HashSet<RedisKey>();
        var cursor = "0";
        for (var scan = 0; scan < MostScans && found.Count < MostTokens; scan++)
        {
            var answer = ScriptAnswer.List(await InTimeAsync(database.ExecuteAsync("SCAN", cursor, "MATCH", pattern, "COUNT", KeysOfScan), cancellation), length: 2);
            found.UnionWith((RedisKey[])answer[1]!);
            cursor = (string)answer[0]!;
            if (cursor == "0")
                break;
        }

        return [.. found.Take(MostTokens)];
    }

    private Task<T> InTimeAsync<T>(Task<T> answer, CancellationToken cancellation) => answer.WaitAsync(Deadline, clock, cancellation);
}
