using System.Globalization;
using StackExchange.Redis;
using TokenBroker.Configuration;
using TokenBroker.Failures;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Secrets, failures and locks in Redis, encrypted. Every call throws a <see cref="RedisUnavailableException"/> if Redis cannot help.
/// </summary>
internal sealed class RedisStore(
    RedisConnection connection, RedisSettings settings, ContentSource<SecretCipher> ciphers, TimeProvider clock, CacheMetrics metrics)
{
    /// <summary>How long a lock lasts unless it is renewed.</summary>
    public static readonly TimeSpan LockLifetime = TimeSpan.FromSeconds(5);

    // No failure is remembered for longer, so an older one was put back by someone with write access to Redis.
    private static readonly TimeSpan LongestSharedFailure = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSharedLimit = TimeSpan.FromSeconds(30);

    private readonly RedisChannel channel = RedisNames.Channel(settings.KeyPrefix);

    public RedisNames NamesFor(string key) => RedisNames.FromKey(settings.KeyPrefix, key);

    /// <summary>What a lock contains: its owner, and how often it was renewed. A lock that does not change has lost its owner.</summary>
    public static string Stamp(string owner, int renewals) => string.Create(CultureInfo.InvariantCulture, $"{owner}:{renewals}");

    /// <summary>Reads what is stored, and takes the lock if it is free and nothing is stored.</summary>
    /// <param name="names">The names of the key.</param>
    /// <param name="stamp">What to write into the lock.</param>
    /// <param name="insists">Whether to take the lock even if something is stored, because it is known not to be enough.</param>
    /// <param name="deadline">How long Redis may take.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<LockAttempt> TryLockAsync(
        RedisNames names, string stamp, bool insists, RedisDeadline deadline, CancellationToken cancellation)
    {
        RedisValue[] values = [stamp, Milliseconds(LockLifetime), insists ? 1 : 0];
        var found = await connection.EvaluateAsync(
            RedisScripts.Enter, names.All, values, reply => ReadAttempt(reply, stamp, insists), deadline, cancellation);
        var state = await DecryptAsync(names, found.Value, found.Failure, deadline, cancellation);
        return new LockAttempt(found.IsTaken, found.Lock, found.LockExpires, state);
    }

    /// <summary>Decrypts a secret that another replica has published.</summary>
    public Task<SharedState> DecryptAsync(RedisNames names, RedisValue value, RedisDeadline deadline, CancellationToken cancellation) =>
        DecryptAsync(names, value, RedisValue.Null, deadline, cancellation);

    /// <summary>Takes over a lock that is not renewed, if it still has the former stamp.</summary>
    public Task<bool> TakeOverAsync(RedisNames names, string former, string stamp, CancellationToken cancellation) =>
        EvaluateAsync(
            RedisScripts.TakeOver, [names.Lock], [former, stamp, Milliseconds(LockLifetime)], new RedisDeadline(clock), cancellation);

    /// <summary>Renews the owner's lock.</summary>
    public Task RenewAsync(RedisNames names, string owner, string stamp) =>
        EvaluateAsync(RedisScripts.Renew, [names.Lock], [owner, stamp, Milliseconds(LockLifetime)], new RedisDeadline(clock));

    /// <summary>Releases the owner's lock.</summary>
    public Task ReleaseAsync(RedisNames names, string owner) =>
        EvaluateAsync(RedisScripts.Release, [names.Lock], [owner], new RedisDeadline(clock));

    /// <summary>
    /// Stores a secret, unless a newer one is stored. If there is an owner, releases its lock and sends the secret to the other replicas.
    /// </summary>
    public async Task PublishAsync(RedisNames names, string owner, Secret secret, TimeSpan age)
    {
        var now = clock.GetUtcNow();
        var life = secret.ExpiresAt - now - SecretState.LastMinute;
        if (life <= TimeSpan.Zero)
        {
            if (owner.Length > 0)
                await ReleaseAsync(names, owner);
            return;
        }

        var stored = new StoredSecret(secret.Value, secret.ExpiresAt, now - age);
        await EvaluateAsync(
            RedisScripts.PublishSecret,
            names.All,
            [stored.Encrypt(ciphers.Current.Value, names.Value), Milliseconds(life), owner, (string)channel!, names.Name],
            new RedisDeadline(clock));
    }

    /// <summary>Stores a failure for as long as it is remembered, releases the owner's lock and notifies the other replicas.</summary>
    public Task PublishAsync(RedisNames names, string owner, Failure failure, TimeSpan remembered, int failures)
    {
        var life = remembered > TimeSpan.Zero ? remembered
            : failure is not { RetryAfter: { } wait } || failure.Kind != FailureKinds.RateLimited ? TimeSpan.Zero
            : wait < LongestSharedLimit ? wait
            : LongestSharedLimit;
        var stored = new StoredFailure(
            failure.Kind.Name, failure.Detail, failure.RetryAfter, failures, clock.GetUtcNow(), failure.Remembered);
        var value = stored.Encrypt(ciphers.Current.Value, names.Failure);
        return EvaluateAsync(
            RedisScripts.PublishFailure,
            names.All,
            [value, Milliseconds(life), owner, (string)channel!, names.Name, failure.Kind.EndsCachedTokens ? 1 : 0],
            new RedisDeadline(clock));
    }

    /// <summary>Deletes a secret that GitHub has revoked.</summary>
    public Task RemoveAsync(RedisNames names) => connection.RunAsync(redis => redis.KeyDeleteAsync(names.Value), new RedisDeadline(clock));

    /// <summary>
    /// Does what a mint does, on names of its own: code that first runs in the middle of a boot storm takes longer than Redis may.
    /// </summary>
    public async Task WarmUpAsync()
    {
        const string Owner = "warm-up";
        var names = RedisNames.ForWarmUp(settings.KeyPrefix);
        var stamp = Stamp(Owner, renewals: 0);
        try
        {
            for (var times = 0; times < 3; times++)
            {
                await TryLockAsync(names, stamp, insists: true, new RedisDeadline(clock), CancellationToken.None);
                var secret = new Secret("", clock.GetUtcNow() + SecretState.LastMinute + TimeSpan.FromSeconds(1));
                await PublishAsync(names, Owner, secret, TimeSpan.Zero);
                await TryLockAsync(names, stamp, insists: false, new RedisDeadline(clock), CancellationToken.None);
            }
        }
        catch (RedisUnavailableException)
        {
            // Then there is nothing to warm up for.
        }
    }

    private Task<bool> EvaluateAsync(
        string script, RedisKey[] keys, RedisValue[] values, RedisDeadline deadline, CancellationToken cancellation = default) =>
        connection.EvaluateAsync(script, keys, values, ScriptReply.Flag, deadline, cancellation);

    // A lock that was taken holds the stamp. A free lock would have been taken if nothing is stored: waiting for it would never end.
    private static (bool IsTaken, RedisValue Value, RedisValue Failure, string? Lock, bool LockExpires) ReadAttempt(
        RedisResult reply, string stamp, bool insists)
    {
        var parts = ScriptReply.List(reply, 5);
        var isTaken = ScriptReply.Flag(parts[0]);
        var (value, failure) = (ScriptReply.Value(parts[1]), ScriptReply.Value(parts[2]));
        var holder = (string?)ScriptReply.Value(parts[3]);
        var isFree = holder is null && (insists || (value.IsNull && failure.IsNull));
        return (isTaken ? holder == stamp : !isFree)
            ? (isTaken, value, failure, holder, ScriptReply.Number(parts[4]) >= 0)
            : throw ScriptReply.Malformed();
    }

    private async Task<SharedState> DecryptAsync(
        RedisNames names, RedisValue value, RedisValue failure, RedisDeadline deadline, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var secret = await DecryptAsync(names.Value, value, StoredSecret.Decrypt, deadline, cancellation);
        var failed = await DecryptAsync(names.Failure, failure, StoredFailure.Decrypt, deadline, cancellation);
        var kind = failed is null || Age(now, failed.FailedAt) > LongestSharedFailure ? null : FailureKinds.ByName(failed.Kind);
        return new SharedState(
            secret is null ? null : new Secret(secret.Value, secret.ExpiresAt),
            Age(now, secret?.MintedAt),
            kind is null ? null : new Failure(kind, failed!.Detail) { RetryAfter = failed.RetryAfter, Remembered = failed.Remembered },
            Age(now, failed?.FailedAt),
            failed?.Failures ?? 0);
    }

    // What cannot be decrypted is removed, so that each replica trips over it only once.
    private async Task<T?> DecryptAsync<T>(
        RedisKey key,
        RedisValue value,
        Func<SecretCipher, RedisKey, byte[], T?> decrypt,
        RedisDeadline deadline,
        CancellationToken cancellation)
        where T : class
    {
        if (value.IsNull)
            return null;
        if (decrypt(ciphers.Current.Value, key, value!) is { } decrypted)
            return decrypted;
        metrics.NotDecrypted();
        await EvaluateAsync(RedisScripts.RemoveSame, [key], [value], deadline, cancellation);
        return null;
    }

    private static TimeSpan Age(DateTimeOffset now, DateTimeOffset? since) =>
        since is { } then && then < now ? now - then : TimeSpan.Zero;

    private static long Milliseconds(TimeSpan duration) => (long)Math.Ceiling(duration.TotalMilliseconds);
}

/// <summary>What a replica finds when it tries to lock a key for a mint.</summary>
/// <param name="IsTaken">Whether it has the lock now.</param>
/// <param name="Lock">The lock's stamp; null if there is no lock.</param>
/// <param name="LockExpires">Whether the lock expires by itself.</param>
/// <param name="State">What is stored.</param>
internal sealed record LockAttempt(bool IsTaken, string? Lock, bool LockExpires, SharedState State);

/// <summary>What another replica has stored under a key.</summary>
/// <param name="Secret">The secret, if there is one.</param>
/// <param name="Age">How long ago it was minted.</param>
/// <param name="Failure">The last mint's failure while it is remembered.</param>
/// <param name="FailureAge">How long ago it failed.</param>
/// <param name="Failures">How often it has failed in a row.</param>
internal sealed record SharedState(Secret? Secret, TimeSpan Age, Failure? Failure, TimeSpan FailureAge, int Failures);
