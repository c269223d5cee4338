using System.Diagnostics;
using TokenBroker.Caching.Redis;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching;

/// <summary>
/// Secrets in memory: each is minted once for all callers that want it, refreshed ahead of time, and handed out until its last minute if no
/// longer one can be minted. Bounded: beyond its capacity, it evicts the least recently used.
/// </summary>
internal sealed partial class SecretCache : IAsyncDisposable
{
    // Mints have their own deadline; a request that waits for one has its own.
    private readonly SingleFlight<SecretAnswer> mints;
    private readonly BoundedMemory<SecretState> states;
    private readonly SecretCacheLimits limits;
    private readonly SharedMints? shared;
    private readonly TimeProvider clock;
    private readonly CacheMetrics metrics;
    private readonly ILogger<SecretCache> logger;

    private readonly string name;

    /// <param name="name">Its name in metrics and traces.</param>
    /// <param name="limits">Its bounds.</param>
    /// <param name="clock">The clock by which secrets expire.</param>
    /// <param name="metrics">Counts lookups and mints.</param>
    /// <param name="logger">Logs unexpected faults.</param>
    /// <param name="shared">The other replicas; null if there are none, or for secrets that must not leave this process.</param>
    public SecretCache(
        string name,
        SecretCacheLimits limits,
        TimeProvider clock,
        CacheMetrics metrics,
        ILogger<SecretCache> logger,
        SharedMints? shared = null)
    {
        this.shared = shared;
        if (shared is not null)
            shared.Recovered += WriteBack;
        this.name = name;
        this.limits = limits;
        this.clock = clock;
        this.metrics = metrics;
        this.logger = logger;
        mints = new SingleFlight<SecretAnswer>(clock, "mint " + name);
        states = new BoundedMemory<SecretState>(clock, limits.Capacity, reason => metrics.Evicted(name, reason));
        metrics.Watch(name, () => states.Count);
    }

    /// <summary>How many keys are known.</summary>
    public int Count => states.Count;

    /// <summary>Returns the secret under a key, minting it if there is none with enough life left.</summary>
    /// <param name="key">The key, which holds everything that distinguishes one secret from another.</param>
    /// <param name="wanted">
    /// The life that the secret should have left; null, or less than the cache's own minimum, means that minimum.
    /// </param>
    /// <param name="mint">Mints the secret, or throws <see cref="FailureException"/>.</param>
    /// <param name="wait">How long this caller waits at most.</param>
    /// <param name="canceled">Cancels this caller's wait, and nothing else.</param>
    /// <param name="permit">Pays for a mint that is started for this caller, which others may share; null if nobody pays.</param>
    public async Task<SecretAnswer> GetAsync(
        string key,
        TimeSpan? wanted,
        Func<CancellationToken, Task<Secret>> mint,
        TimeSpan wait,
        CancellationToken canceled,
        StartPermit? permit = null)
    {
        using var span = Instrumentation.StartSpan("cache " + name);
        var life = wanted is { } asked && asked > limits.MinimumRemainingLifetime ? asked : limits.MinimumRemainingLifetime;
        var state = Find(key);
        if (state.Serve(life, clock) is { } secret)
        {
            LookedUp(span, "hit");
            if (state.IsDueForRefresh(limits.RefreshWindow, clock))
                _ = MintOnceAsync(key, mint, isNeeded: current => current.IsDueForRefresh(limits.RefreshWindow, clock));
            return Hit(state, secret);
        }

        if (state.RecentFailure(clock) is { } failure)
        {
            LookedUp(span, "failure");
            return Settle(state, SecretAnswer.Failed(failure));
        }

        LookedUp(span, "miss");
        try
        {
            var mintOnce = MintOnceAsync(key, mint, isNeeded: current => current.Serve(life, clock) is null, permit);
            var answer = await mintOnce.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, canceled);
            return answer.Failure is null ? answer : Settle(Find(key), answer);
        }
        catch (FailureException refused)
        {
            // This caller may not start a mint. Callers that join one, or may start one, are not affected.
            return Settle(Find(key), SecretAnswer.Failed(refused.Failure));
        }
        catch (TimeoutException)
        {
            var timedOut = new Failure(FailureKinds.TimedOut, "No token was minted in time.") { RetryAfter = TimeSpan.FromSeconds(2) };
            return Settle(Find(key), SecretAnswer.Failed(timedOut));
        }
    }

    /// <summary>Drops the secret under a key because it was refused; a newer one stays.</summary>
    public void Drop(string key, Secret? refused = null)
    {
        var state = Find(key);
        if (state.Secret is not null && (refused is null || state.Secret == refused))
            Keep(key, state.WithoutSecret());
        shared?.Remove(key);
    }

    /// <summary>Waits for running mints, so that a stopping process interrupts none.</summary>
    public async Task WhenIdleAsync()
    {
        await mints.WhenIdleAsync();
        if (shared is not null)
            await shared.WhenIdleAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (shared is not null)
            shared.Recovered -= WriteBack;
        metrics.Unwatch(name);
        await mints.WhenIdleAsync();
    }

    private Task<SecretAnswer> MintOnceAsync(
        string key, Func<CancellationToken, Task<Secret>> mint, Predicate<SecretState> isNeeded, StartPermit? permit = null) =>
        mints.RunAsync(key, limits.MintDeadline, async cancellation =>
        {
            // Another mint may have ended between this caller's lookup and the start of this one.
            var known = Known(Find(key), isNeeded);
            if (known is not null)
                return known;

            SharedMints.Lease? lease = null;
            var started = clock.GetTimestamp();
            try
            {
                if (shared is not null)
                {
                    lease = await shared.AcquireAsync(key, theirs => (known = TakeOver(key, theirs, isNeeded)) is not null, cancellation);
                    if (known is not null)
                        return known;

                    started = clock.GetTimestamp();
                }

                var minted = Find(key).AfterMint(await MintAsync(mint, cancellation), clock);
                Keep(key, minted);
                Minted(failure: null, clock.GetElapsedTime(started));
                lease?.Publish(minted.Secret!);
                return SecretAnswer.Minted(minted.Secret!);
            }
            catch (Exception exception)
            {
                var failed = Find(key).AfterFailure(Explain(key, exception, cancellation), clock);
                Keep(key, failed);
                Minted(failed.LastFailure, clock.GetElapsedTime(started));
                lease?.Publish(failed.LastFailure!, failed.Pause, failed.FailureCount);
                return SecretAnswer.Failed(failed.LastFailure!);
            }
        }, permit);

    // The answer that needs no mint; null if one is needed.
    private SecretAnswer? Known(SecretState state, Predicate<SecretState> isNeeded, SecretSource source = SecretSource.Memory) =>
        state.Secret is { } secret && !isNeeded(state) ? Hit(state, secret, source)
        : state.RecentFailure(clock) is { } failure ? SecretAnswer.Failed(failure)
        : null;

    private SecretAnswer? TakeOver(string key, SharedState theirs, Predicate<SecretState> isNeeded)
    {
        var state = Find(key).After(theirs, clock);
        Keep(key, state);

        // Some failures are remembered by their credential, which is not shared; here the other replica's failure is enough.
        return Known(state, isNeeded, SecretSource.Redis) ?? (theirs.Failure is { } failure ? SecretAnswer.Failed(failure) : null);
    }

    // Secrets that were minted while Redis was unavailable spare the other replicas a mint.
    private void WriteBack(object? sender, EventArgs arguments) => shared!.WriteBack(
        from entry in states.All
        let secret = entry.Value.ServeWhileItLives(clock)
        where secret is not null
        select (entry.Key, secret, clock.GetElapsedTime(entry.Value.MintedAt)));

    private async Task<Secret> MintAsync(Func<CancellationToken, Task<Secret>> mint, CancellationToken cancellation)
    {
        var secret = await mint(cancellation);
        return secret.ExpiresAt > clock.GetUtcNow()
            ? secret
            : throw new FailureException(new Failure(FailureKinds.UselessToken, "GitHub's token had already expired."));
    }

    private Failure Explain(string key, Exception exception, CancellationToken cancellation)
    {
        if (exception is FailureException known)
            return known.Failure;
        if (exception is OperationCanceledException && cancellation.IsCancellationRequested)
            return new Failure(FailureKinds.GitHubUnavailable, "GitHub did not respond in time.");

        // Waiting callers get an answer in any case, and the next request may try again.
        Log.MintFailed(logger, key, exception);
        return new Failure(FailureKinds.GitHubUnavailable, "The token could not be minted.");
    }

    private SecretAnswer Settle(SecretState state, SecretAnswer failed) =>
        !failed.Failure!.Kind.EndsCachedTokens && state.ServeWhileItLives(clock) is { } secret ? Hit(state, secret) : failed;

    private SecretAnswer Hit(SecretState state, Secret secret, SecretSource source = SecretSource.Memory) =>
        SecretAnswer.Hit(secret, source, clock.GetElapsedTime(state.MintedAt));

    private SecretState Find(string key) => states.Recall(key) ?? SecretState.Empty;

    private void Keep(string key, SecretState state) => states.Remember(key, state, limits.LongestMemory);

    private void LookedUp(Activity? span, string result)
    {
        metrics.LookedUp(name, result);
        span?.SetTag("result", result);
    }

    private void Minted(Failure? failure, TimeSpan elapsed)
    {
        metrics.Minted(name, failure?.Kind.Name ?? "ok", elapsed);
        if (failure is not null)
            Activity.Current?.SetStatus(ActivityStatusCode.Error, failure.Kind.Name);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The mint of {Key} failed unexpectedly")]
        public static partial void MintFailed(ILogger logger, string key, Exception exception);
    }
}
