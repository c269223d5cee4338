using TokenBroker.Caching;
using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>Where one issuer's keys come from.</summary>
internal abstract class IssuerKeys
{
    /// <summary>The last good keys; null if there never were any, or none for a day.</summary>
    public abstract KeySnapshot? Current { get; }

    /// <summary>Why the last attempt to read the keys failed; null if it succeeded.</summary>
    public virtual string? Fault => null;

    /// <summary>Completes after the first attempt to read the keys, even if it failed.</summary>
    public abstract Task FirstRead { get; }

    /// <summary>
    /// Gives keys that may be on their way a moment to arrive, before a JWT that names this key is validated. If the key is still unknown
    /// but may be newer than the keys at hand, returns the time until the next fetch; otherwise null, and the keys at hand decide.
    /// </summary>
    public abstract Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation);

    /// <summary>Keeps the keys up to date until the process stops.</summary>
    public abstract Task KeepAsync(CancellationToken stopping);
}

/// <summary>An issuer's keys as of the last time they were read.</summary>
/// <param name="Issuer">The exact <c>iss</c> that its JWTs must carry.</param>
/// <param name="Set">Its signing keys.</param>
/// <param name="AskedAt">When they were requested, as a timestamp of the clock: they may lack any key that was published later.</param>
internal sealed record KeySnapshot(string Issuer, KeySet Set, long AskedAt);

/// <summary>Keys from a file, for issuers without discovery. The file is polled together with all other watched files.</summary>
internal sealed class FileKeys(string issuer, ContentSource<KeySet> file, TimeProvider clock) : IssuerKeys
{
    public override KeySnapshot Current => new(issuer, file.Current.Value, clock.GetTimestamp());

    public override Task FirstRead => Task.CompletedTask;

    public override Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation) =>
        Task.FromResult<TimeSpan?>(null);

    public override Task KeepAsync(CancellationToken stopping) => Task.CompletedTask;
}

/// <summary>
/// Keys that are fetched outside of requests: a loop replaces a snapshot, and a JWT that names an unknown key starts one fetch, which all
/// requests with such JWTs share. Fetched keys are used for a day at most.
/// </summary>
internal sealed partial class FetchedKeys(string name, KeyFetcher fetcher, TimeProvider clock, Random random, ILogger logger) : IssuerKeys
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FetchDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ServesFor = TimeSpan.FromHours(24);
    private static readonly TimeSpan UnknownKeyInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    // Each waiting request occupies a slot, and anyone can send JWTs with unknown keys.
    private const int MostWaiting = 1_000;

    private readonly SingleFlight<bool> fetches = new(clock, "fetch keys");
    private readonly TaskCompletionSource firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private volatile KeySnapshot? snapshot;
    private volatile string? fault;
    private UnknownKeyFetch? lastUnknownKeyFetch;
    private int waiting;

    public override KeySnapshot? Current => snapshot is { } keys && clock.GetElapsedTime(keys.AskedAt) < ServesFor ? keys : null;

    public override string? Fault => fault;

    public override Task FirstRead => firstRead.Task;

    public override async Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation)
    {
        var arrived = clock.GetTimestamp();
        if (!firstRead.Task.IsCompleted)
            await WaitAsync(firstRead.Task, cancellation);
        if (Current is not { } keys || keys.Set.Decides(keyId, algorithm))
            return null;

        // The last such fetch may have been for a key that does not exist, and the issuer may have changed its keys since.
        await WaitForFetchAsync(FetchForUnknownKey(), cancellation);
        return Current is not { } newer || newer.Set.Decides(keyId, algorithm) || newer.AskedAt >= arrived ? null : UntilNextFetch();
    }

    public override async Task KeepAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            // A fetch that hangs ends when its client is disposed; it must not delay the shutdown.
            var isFetched = await FetchOnceAsync().WaitAsync(stopping);
            firstRead.TrySetResult();
            failures = isFetched ? 0 : failures + 1;
            var pause = isFetched
                ? Interval * (0.9 + (0.2 * random.NextDouble()))
                : TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(failures - 1, 10), LongestPause.Ticks));
            await Task.Delay(pause, clock, stopping);
        }
    }

    private async Task WaitForFetchAsync(Task fetch, CancellationToken cancellation)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) <= MostWaiting)
                await WaitAsync(fetch, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private async Task WaitAsync(Task fetch, CancellationToken cancellation)
    {
        try
        {
            await fetch.WaitAsync(LongestWait, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // The keys that have arrived by now decide.
        }
    }

    // Anyone can name a key that does not exist, so such fetches are limited to one per interval.
    private Task FetchForUnknownKey()
    {
        lock (gate)
        {
            if (lastUnknownKeyFetch is { } last && clock.GetElapsedTime(last.StartedAt) < UnknownKeyInterval)
                return Task.WhenAll(last.Completion, fetches.WhenIdleAsync());
            lastUnknownKeyFetch = new UnknownKeyFetch(clock.GetTimestamp(), FetchAnewAsync());
            return lastUnknownKeyFetch.Completion;
        }
    }

    private TimeSpan UntilNextFetch()
    {
        lock (gate)
            return lastUnknownKeyFetch is { } last ? UnknownKeyInterval - clock.GetElapsedTime(last.StartedAt) : TimeSpan.Zero;
    }

    // A fetch already under way may have been answered before the issuer published the key.
    private async Task FetchAnewAsync()
    {
        Log.FetchesForUnknown(logger, name);
        await fetches.WhenIdleAsync();
        await FetchOnceAsync();
    }

    private Task<bool> FetchOnceAsync() => fetches.RunAsync(name, FetchDeadline, async cancellation =>
    {
        try
        {
            snapshot = await fetcher.FetchAsync(cancellation);
            fault = null;
            Log.Fetched(logger, name, snapshot.Set.Keys.Count);
            if (snapshot.Set.LeftOut > 0)
                Log.LeftOut(logger, name, snapshot.Set.LeftOut, KeySet.MostKeys);
            return true;
        }
        catch (Exception exception)
        {
            fault = fetcher.Describe(exception);
            Log.NotFetched(logger, name, fault);
            return false;
        }
    });

    private sealed record UnknownKeyFetch(long StartedAt, Task Completion);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Issuer {Issuer}: {Count} keys fetched")]
        public static partial void Fetched(ILogger logger, string issuer, int count);

        [LoggerMessage(2, LogLevel.Warning, "Issuer {Issuer}: its keys cannot be fetched: {Reason}")]
        public static partial void NotFetched(ILogger logger, string issuer, string reason);

        [LoggerMessage(3, LogLevel.Information, "Issuer {Issuer}: a JWT names an unknown key, so the keys are fetched again")]
        public static partial void FetchesForUnknown(ILogger logger, string issuer);

        [LoggerMessage(4, LogLevel.Warning, "Issuer {Issuer}: {Count} keys of its key set are ignored; the first {Most} usable ones count")]
        public static partial void LeftOut(ILogger logger, string issuer, int count, int most);
    }
}

/// <summary>Keeps every issuer's keys up to date, each in a loop of its own.</summary>
internal sealed class IssuerKeyLoops(IssuerDirectory issuers) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(issuers.All.Select(issuer => issuer.Keys.KeepAsync(stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // When a start fails, the host stops the services that already run and would report this cancellation as another failure.
        }
    }
}
