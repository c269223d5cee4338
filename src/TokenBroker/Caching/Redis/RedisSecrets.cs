using System.Globalization;
using System.Text;
using System.Text.Json;
using StackExchange.Redis;
using TokenBroker.Configuration;
using TokenBroker.Failures;

namespace TokenBroker.Caching.Redis;

/// <summary>Secrets, failures and locks in Redis, encrypted. Every call throws <see cref="RedisUnavailableException"/> where Redis cannot help.</summary>
internal sealed class RedisSecrets
{
    /// <summary>How long a lock lasts that nobody renews.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    // None is remembered for longer, so an older one was put back by somebody who may write to Redis.
    private static readonly TimeSpan LongestSharedFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSharedLimit = TimeSpan.FromSeconds(30);

    private readonly RedisConnection connection;
    private readonly RedisSettings settings;
    private readonly ContentSource<SecretCipher> ciphers;
    private readonly TimeProvider clock;
    private readonly CacheMetrics metrics;

    public RedisSecrets(RedisConnection connection, RedisSettings settings, ContentSource<SecretCipher> ciphers, TimeProvider clock, CacheMetrics metrics)
    {
        this.connection = connection;
        this.settings = settings;
        this.ciphers = ciphers;
        this.clock = clock;
        this.metrics = metrics;
    }

    public RedisNames NamesOf(string key) => RedisNames.Of(settings.KeyPrefix, key);

    public RedisNames WarmUpNames() => RedisNames.OfWarmUp(settings.KeyPrefix);

    /// <summary>What is there, taking the lock if it is free and nothing is there.</summary>
    /// <param name="names">Where.</param>
    /// <param name="stamp">What to write into the lock.</param>
    /// <param name="insists">Whether to take the lock even if something is there, because it is known not to be enough.</param>
    /// <param name="budget">How long Redis may take.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<RedisEntry> EnterAsync(RedisNames names, string stamp, bool insists, RedisBudget budget, CancellationToken cancellation)
    {
        var found = await connection.EvaluateAsync(
            RedisScripts.Enter, names.All, [stamp, Milliseconds(Lease), insists ? 1 : 0], answer => ReadEntry(answer, stamp, insists), budget, cancellation);
        var state = await OpenAsync(names, found.Value, found.Failure, budget, cancellation);
        return new RedisEntry(found.IsTaken, found.Lock, found.LockExpires, state);
    }

    /// <summary>What another replica sent round.</summary>
    public Task<SharedState> OpenAsync(RedisNames names, RedisValue value, RedisBudget budget, CancellationToken cancellation) =>
        OpenAsync(names, value, RedisValue.Null, budget, cancellation);

    /// <summary>Takes over a lock that nobody renews, if it is still what it was.</summary>
    public Task<bool> TakeOverAsync(RedisNames names, string former, string stamp, CancellationToken cancellation) =>
        connection.EvaluateAsync(RedisScripts.TakeOver, [names.Lock], [former, stamp, Milliseconds(Lease)], ScriptAnswer.Flag, new RedisBudget(clock), cancellation);

    /// <summary>Renews one's own lock.</summary>
    public Task RenewAsync(RedisNames names, string owner, string stamp) =>
        EvaluateAsync(RedisScripts.Renew, [names.Lock], [owner, stamp, Milliseconds(Lease)], new RedisBudget(clock), default);

    /// <summary>Ends one's own lock.</summary>
    public Task LeaveAsync(RedisNames names, string owner) => EvaluateAsync(RedisScripts.Leave, [names.Lock], [owner], new RedisBudget(clock), default);

    /// <summary>Leaves a secret for the other replicas, unless a newer one is there, and ends the owner's lock. Without an owner nobody is told.</summary>
    public async Task PublishAsync(RedisNames names, string owner, Secret secret, TimeSpan age)
    {
        var now = clock.GetUtcNow();
        var life = secret.ExpiresAt - now - SecretState.LastMinute;
        if (life <= TimeSpan.Zero)
        {
            if (owner.Length > 0)
                await LeaveAsync(names, owner);
            return;
        }

        var digits = secret.ExpiresAt.ToUnixTimeMilliseconds().ToString("D" + RedisScripts.ExpiryDigits, CultureInfo.InvariantCulture);
        var stored = new StoredSecret(secret.Value, secret.ExpiresAt, now - age);
        byte[] value = [.. Encoding.ASCII.GetBytes(digits), .. ciphers.Current.Value.Encrypt(BoundName(names.Value, digits), stored.ToJson())];
        await EvaluateAsync(RedisScripts.PublishSecret, names.All, [value, Milliseconds(life), owner, (string)connection.Channel!, names.Name], new RedisBudget(clock), default);
    }

    /// <summary>Leaves a failure for the other replicas while it is remembered, and ends the owner's lock.</summary>
    public Task PublishAsync(RedisNames names, string owner, Failure failure, TimeSpan remembered, int failures)
    {
        var shared = remembered > TimeSpan.Zero ? remembered
            : failure.Kind == FailureKinds.RateLimited && failure.RetryAfter is { } wait ? (wait < LongestSharedLimit ? wait : LongestSharedLimit)
            : TimeSpan.Zero;
        var stored = new StoredFailure(failure.Kind.Name, failure.Detail, failure.RetryAfter, failures, clock.GetUtcNow(), failure.Remembered);
        var value = ciphers.Current.Value.Encrypt(names.Failure!, stored.ToJson());
        return EvaluateAsync(
            RedisScripts.PublishFailure,
            names.All,
            [value, Milliseconds(shared), owner, (string)connection.Channel!, names.Name, failure.Kind.EndsCachedTokens ? 1 : 0],
            new RedisBudget(clock),
            default);
    }

    /// <summary>Takes a secret away that GitHub has ended.</summary>
    public Task RemoveAsync(RedisNames names) => connection.RunAsync(redis => redis.KeyDeleteAsync(names.Value), new RedisBudget(clock));

    private Task<bool> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] values, RedisBudget budget, CancellationToken cancellation) =>
        connection.EvaluateAsync(script, keys, values, ScriptAnswer.Flag, budget, cancellation);

    // A lock that was taken holds the stamp, and one that nobody has would have been taken where there is nothing else: waiting for it would never end.
    private static (bool IsTaken, RedisValue Value, RedisValue Failure, string? Lock, bool LockExpires) ReadEntry(RedisResult answer, string stamp, bool insists)
    {
        var parts = ScriptAnswer.List(answer, 5);
        var (isTaken, value, failure, holder) = (ScriptAnswer.Flag(parts[0]), ScriptAnswer.Value(parts[1]), ScriptAnswer.Value(parts[2]), (string?)ScriptAnswer.Value(parts[3]));
        var isFree = holder is null && (insists || (value.IsNull && failure.IsNull));
        return (isTaken ? holder == stamp : !isFree) ? (isTaken, value, failure, holder, ScriptAnswer.Number(parts[4]) >= 0) : throw ScriptAnswer.Strange();
    }

    private async Task<SharedState> OpenAsync(RedisNames names, RedisValue value, RedisValue failure, RedisBudget budget, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var secret = await OpenAsync(names.Value, value, Math.Min(RedisScripts.ExpiryDigits, value.IsNull ? 0 : ((byte[])value!).Length), StoredSecret.Parse, budget, cancellation);
        var failed = await OpenAsync(names.Failure, failure, 0, StoredFailure.Parse, budget, cancellation);
        var kind = failed is null || Age(now, failed.FailedAt) > LongestSharedFailure ? null : FailureKinds.ByName(failed.Kind);
        return new SharedState(
            secret is null ? null : new Secret(secret.Value, secret.ExpiresAt),
            Age(now, secret?.MintedAt),
            kind is null ? null : new Failure(kind, failed!.Detail) { RetryAfter = failed.RetryAfter, Remembered = failed.Remembered },
            Age(now, failed?.FailedAt),
            failed?.Failures ?? 0);
    }

    private async Task<T?> OpenAsync<T>(RedisKey key, RedisValue value, int digits, Func<string, T?> parse, RedisBudget budget, CancellationToken cancellation)
        where T : class
    {
        if (value.IsNull)
            return null;
        byte[] bytes = value!;
        var name = digits == 0 ? (string)key! : BoundName(key, Encoding.ASCII.GetString(bytes, 0, digits));
        if (ciphers.Current.Value.TryDecrypt(name, bytes.AsSpan(digits), out var json))
        {
            try
            {
                return parse(json);
            }
            catch (JsonException)
            {
                // Encrypted by a version that writes otherwise: no use, like what cannot be decrypted.
            }
        }

        metrics.NotDecrypted();
        await EvaluateAsync(RedisScripts.RemoveSame, [key], [value], budget, cancellation);
        return null;
    }

    /// <summary>Whether a stored secret can be decrypted; it stays as it is.</summary>
    public static bool IsReadable(SecretCipher cipher, RedisKey key, byte[] value)
    {
        var digits = Math.Min(RedisScripts.ExpiryDigits, value.Length);
        return cipher.TryDecrypt(BoundName(key, Encoding.ASCII.GetString(value, 0, digits)), value.AsSpan(digits), out _);
    }

    private static string BoundName(RedisKey key, string digits) => $"{(string)key!}|{digits}";

    private static TimeSpan Age(DateTimeOffset now, DateTimeOffset? since) => since is { } then && then < now ? now - then : TimeSpan.Zero;

    private static long Milliseconds(TimeSpan duration) => (long)Math.Ceiling(duration.TotalMilliseconds);
}
