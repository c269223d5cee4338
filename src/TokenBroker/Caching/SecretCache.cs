using System.Diagnostics;
using TokenBroker.Caching.Redis;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching;

/// <summary>
/// Secrets in memory, each made once for all who ask for it, refreshed before it falls short, and handed out to its last minute when
/// no better one can be had. Bounded: with more keys than it holds, it forgets what was used longest ago.
/// </summary>
internal sealed partial class SecretCache : IAsyncDisposable
{
    // Mints have a deadline of their own; a request that waits for one has the rest of its own patience.
    private readonly SingleFlight<SecretAnswer> mints;
    private readonly BoundedMemory<SecretState> states;
    private readonly SecretCacheLimits limits;
    private readonly SharedMints? shared;
    private readonly TimeProvider clock;
    private readonly CacheMetrics metrics;
    private readonly ILogger<SecretCache> logger;

    private readonly string name;

    /// <summary>An empty cache.</summary>
    /// <param name="name">What it is called in metrics and traces.</param>
    /// <param name="limits">How much life a secret needs, and how many are kept.</param>
    /// <param name="clock">The clock that secrets expire by.</param>
    /// <param name="metrics">Where what it does is counted.</param>
    /// <param name="logger">Where faults of a mint go.</param>
    /// <param name="shared">Other replicas; null where there are none, or for what must not leave this process.</param>
    public SecretCache(string name, SecretCacheLimits limits, TimeProvider clock, CacheMetrics metrics, ILogger<SecretCache> logger, SharedMints? shared = null)
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

    /// <summary>How many keys are known at present.</summary>
    public int Count => states.Count;

    /// <summary>Hands out the secret under a key, making it where there is none that will do.</summary>
    /// <param name="key">The key; everything that makes one secret differ from another is part of it.</param>
    /// <param name="wanted">The life that the secret should have left; null, or less than the cache's own minimum, means that minimum.</param>
    /// <param name="mint">Makes the secret, or throws <see cref="FailureException"/>.</param>
    /// <param name="patience">How long this caller waits at most.</param>
    /// <param name="cancelled">This caller's own cancellation, which stops its waiting and nothing else.</param>
    /// <param name="permit">What it costs this caller if a mint is made for it, which others may then share; null for nothing.</param>
    public async Task<SecretAnswer> GetAsync(
        string key,
        TimeSpan? wanted,
        Func<CancellationToken, Task<Secret>> mint,
        TimeSpan patience,
        CancellationToken cancelled,
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
            var answer = await mintOnce.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, clock, cancelled);
            return answer.Failure is null ? answer : Settle(Find(key), answer);
        }
        catch (FailureException refused)
        {
            // This caller may start no mint; whoever joins one, or may start it, is not hurt.
            return Settle(Find(key), SecretAnswer.Failed(refused.Failure));
        }
        catch (TimeoutException)
        {
            var timedOut = new Failure(FailureKinds.TimedOut, "No token was made in time.") { RetryAfter = TimeSpan.FromSeconds(2) };
            return Settle(Find(key), SecretAnswer.Failed(timedOut));
        }
    }

    /// <summary>Forgets the secret under a key, because it was refused; a newer one stays.</summary>
    public void Drop(string key, Secret? refused = null)
    {
        var state = Find(key);
        if (state.Secret is not null && (refused is null || state.Secret == refused))
            Keep(key, state.WithoutSecret());
        shared?.Remove(key);
    }

    /// <summary>Waits for the mints that run, so that a stopping process cuts none off.</summary>
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

    private Task<SecretAnswer> MintOnceAsync(string key, Func<CancellationToken, Task<Secret>> mint, Predicate<SecretState> isNeeded, StartPermit? permit = null) =>
        mints.RunAsync(key, limits.MintDeadline, async cancellation =>
        {
            // Another mint may have ended between this caller's look and the start of this one.
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
                return SecretAnswer.Made(minted.Secret!);
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

    /// <summary>What there is to say without a mint; null if nothing.</summary>
    private SecretAnswer? Known(SecretState state, Predicate<SecretState> isNeeded, SecretSource source = SecretSource.Memory) =>
        state.Secret is { } secret && !isNeeded(state) ? Hit(state, secret, source)
        : state.RecentFailure(clock) is { } failure ? SecretAnswer.Failed(failure)
        : null;

    private SecretAnswer? TakeOver(string key, SharedState theirs, Predicate<SecretState> isNeeded)
    {
        var state = Find(key).After(theirs, clock);
        Keep(key, state);

        // Some failures are remembered by their credential, which is not shared; the others' word for it will do.
        return Known(state, isNeeded, SecretSource.Redis) ?? (theirs.Failure is { } failure ? SecretAnswer.Failed(failure) : null);
    }

    // What was minted while Redis was unavailable saves the other replicas a mint.
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
            return new Failure(FailureKinds.GitHubUnavailable, "GitHub gave no answer in time.");

        // Whatever it is, those who wait get an answer, and the next request may try again.
        Log.MintFailed(logger, key, exception);
        return new Failure(FailureKinds.GitHubUnavailable, "The token could not be made.");
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
        [LoggerMessage(1, LogLevel.Error, "A mint for {Key} failed in an unexpected way")]
        public static partial void MintFailed(ILogger logger, string key, Exception exception);
    }
}
