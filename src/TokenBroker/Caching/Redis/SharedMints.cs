using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using StackExchange.Redis;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Mints one secret per key across all replicas: the replica with the lock in Redis mints, the others wait for its result. Redis helps but
/// is never required: if it is unavailable, every replica mints for itself.
/// </summary>
internal sealed class SharedMints
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly RedisConnection connection;
    private readonly RedisStore store;
    private readonly BackgroundWrites writes;
    private readonly TimeProvider clock;
    private readonly CacheMetrics metrics;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<RedisValue>> waiting = new(StringComparer.Ordinal);

    public SharedMints(RedisConnection connection, RedisStore store, BackgroundWrites writes, TimeProvider clock, CacheMetrics metrics)
    {
        this.connection = connection;
        this.store = store;
        this.writes = writes;
        this.clock = clock;
        this.metrics = metrics;
        connection.MintFinished += (_, message) => WakeUp(message);
    }

    /// <summary>Redis works again, and lacks the secrets that were minted in the meantime.</summary>
    public event EventHandler? Recovered
    {
        add => connection.Recovered += value;
        remove => connection.Recovered -= value;
    }

    /// <summary>How many keys have waiting mints.</summary>
    internal int Waiting => waiting.Count;

    /// <summary>Waits until this replica may mint for a key, or until another replica's result is enough.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isEnough">Takes over what is stored, and returns whether that makes the mint unnecessary.</param>
    /// <param name="cancellation">The mint's deadline.</param>
    /// <returns>The lease, which must be ended by publishing; null if there is nothing left to mint.</returns>
    public async Task<Lease?> AcquireAsync(string key, Predicate<SharedState> isEnough, CancellationToken cancellation)
    {
        var names = store.NamesFor(key);
        var owner = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var started = clock.GetTimestamp();
        using var span = Instrumentation.StartSpan("redis turn");
        try
        {
            var lease = await AcquireAsync(names, owner, isEnough, cancellation);
            RecordWait(span, lease is null ? "spared" : "turn", started);
            return lease;
        }
        catch (RedisUnavailableException)
        {
            RecordWait(span, "unavailable", started);
            return new Lease(this, names, owner, started);
        }
        catch (OperationCanceledException)
        {
            // The lock may have been taken all the same, and the other replicas would wait for it in vain.
            Release(names, owner);
            throw;
        }
        finally
        {
            // However it ended, this process no longer waits for the key, and there can be many keys.
            waiting.TryRemove(names.Name, out _);
        }
    }

    /// <summary>Writes secrets to Redis that were minted while it was unavailable. The caller does not wait.</summary>
    public void WriteBack(IEnumerable<(string Key, Secret Secret, TimeSpan Age)> secrets) => writes.Start(async () =>
    {
        foreach (var (key, secret, age) in secrets)
            await store.PublishAsync(store.NamesFor(key), owner: "", secret, age);
    });

    /// <summary>Deletes a secret that GitHub has revoked. The caller does not wait.</summary>
    public void Remove(string key) => writes.Start(() => store.RemoveAsync(store.NamesFor(key)));

    /// <summary>Waits for the writes that still run.</summary>
    public Task WhenIdleAsync() => writes.WhenIdleAsync();

    private async Task<Lease?> AcquireAsync(RedisNames names, string owner, Predicate<SharedState> isEnough, CancellationToken cancellation)
    {
        var stamp = RedisStore.Stamp(owner, renewals: 0);
        var (deadline, insists) = (new RedisDeadline(clock), false);
        (string? Lock, long Since) seen = default;
        string? notTakenOver = null;
        while (true)
        {
            // Registered before looking, so that a mint that finishes in between is not missed.
            var finished = waiting.GetOrAdd(names.Name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
            var asked = clock.GetTimestamp();
            var attempt = await store.TryLockAsync(names, stamp, insists, deadline, cancellation);
            if (attempt.IsTaken)
            {
                if (isEnough(attempt.State))
                {
                    Release(names, owner);
                    return null;
                }

                if (clock.GetElapsedTime(asked) < RedisStore.LockLifetime)
                    return new Lease(this, names, owner, asked);

                // In a boot storm the reply can come so late that another replica has the lock by now.
                if (await TakeOverAsync(names, owner, stamp, cancellation) is { } late)
                    return late;
                continue;
            }

            if (isEnough(attempt.State))
                return null;

            // What is stored is not enough and there is no mint running: the first replica to insist gets the lock.
            var isUnclaimed = attempt.Lock is null && !insists;
            insists = true;
            if (isUnclaimed)
                continue;
            if (attempt.Lock != seen.Lock)
                seen = (attempt.Lock, clock.GetTimestamp());

            // It differed from this when it was to be taken over, so it cannot be the same again.
            if (attempt.Lock is not null && attempt.Lock == notTakenOver)
                throw new RedisUnavailableException("Redis contradicts itself.");
            var isAbandoned = !attempt.LockExpires || clock.GetElapsedTime(seen.Since) > RedisStore.LockLifetime;
            if (isAbandoned && attempt.Lock is not null)
            {
                if (await TakeOverAsync(names, owner, attempt.Lock, cancellation) is { } lease)
                    return lease;
                notTakenOver = attempt.Lock;
            }

            var minted = await WaitAsync(finished.Task, cancellation);

            // Waiting for another replica's mint is not waiting for Redis, unless Redis has fallen silent in the meantime.
            deadline = new RedisDeadline(clock, hasWaited: minted.IsNull);
            if (!minted.IsNull && isEnough(await store.DecryptAsync(names, minted, deadline, cancellation)))
                return null;
        }
    }

    private async Task<Lease?> TakeOverAsync(RedisNames names, string owner, string former, CancellationToken cancellation)
    {
        var asked = clock.GetTimestamp();
        return await store.TakeOverAsync(names, former, RedisStore.Stamp(owner, renewals: 0), cancellation)
            ? new Lease(this, names, owner, asked)
            : null;
    }

    private void Release(RedisNames names, string owner) => writes.Start(() => store.ReleaseAsync(names, owner));

    // Null if no message came: it may be lost, and looking again will show.
    private async Task<RedisValue> WaitAsync(Task<RedisValue> finished, CancellationToken cancellation)
    {
        try
        {
            return await finished.WaitAsync(PollInterval, clock, cancellation);
        }
        catch (TimeoutException)
        {
            return RedisValue.Null;
        }
    }

    private void WakeUp(MintMessage message)
    {
        if (waiting.TryRemove(message.Name, out var finished))
            finished.TrySetResult(message.Value);
    }

    private void RecordWait(Activity? span, string outcome, long started)
    {
        metrics.WaitedForLock(outcome, clock.GetElapsedTime(started));
        span?.SetTag("outcome", outcome);
    }

    /// <summary>This replica's right to mint for a key. The lock is renewed until the outcome is published.</summary>
    internal sealed class Lease
    {
        private static readonly TimeSpan RenewalInterval = RedisStore.LockLifetime / 5;

        private readonly SharedMints mints;
        private readonly RedisNames names;
        private readonly string owner;
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Starts a lease.</summary>
        /// <param name="mints">The mints that it belongs to.</param>
        /// <param name="names">The names of the key.</param>
        /// <param name="owner">The owner of the lock.</param>
        /// <param name="asked">When the lock was requested. Even without a reply it may have been taken.</param>
        public Lease(SharedMints mints, RedisNames names, string owner, long asked)
        {
            this.mints = mints;
            this.names = names;
            this.owner = owner;
            mints.writes.Start(() => RenewAsync(asked));
        }

        public void Publish(Secret secret) => End(() => mints.store.PublishAsync(names, owner, secret, TimeSpan.Zero));

        public void Publish(Failure failure, TimeSpan remembered, int failures) =>
            End(() => mints.store.PublishAsync(names, owner, failure, remembered, failures));

        private void End(Func<Task> publish)
        {
            ended.TrySetResult();
            mints.writes.Start(publish);
        }

        private async Task RenewAsync(long asked)
        {
            for (var renewals = 1; ; renewals++)
            {
                // In a boot storm the reply with the lock can take seconds, while its lifetime passes.
                var age = mints.clock.GetElapsedTime(asked);
                if (age < RenewalInterval)
                    await ended.Task.WaitAsync(RenewalInterval - age, mints.clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ended.Task.IsCompleted)
                    return;
                asked = mints.clock.GetTimestamp();
                await TryRenewAsync(renewals);
            }
        }

        private async Task TryRenewAsync(int renewals)
        {
            try
            {
                await mints.store.RenewAsync(names, owner, RedisStore.Stamp(owner, renewals));
            }
            catch (RedisUnavailableException)
            {
                // The lock outlives a missed renewal.
            }
        }
    }
}
