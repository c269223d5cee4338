using TokenBroker.Caching;

namespace TokenBroker.Authentication;

/// <summary>
/// Keys that are fetched, off the path of requests: a loop swaps a snapshot, and a key that nobody knows starts one fetch for all
/// who name it. Keys once had serve for a day.
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

    private readonly SingleFlight<bool> fetches = new(clock, "fetch keys");
    private readonly TaskCompletionSource firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private volatile KeySnapshot? snapshot;
    private volatile string? fault;
    private long? askedForUnknownKey;

    public override KeySnapshot? Current => snapshot is { } keys && clock.GetElapsedTime(keys.ReadAt) < ServesFor ? keys : null;

    public override string? Fault => fault;

    public override Task FirstRead => firstRead.Task;

    public override async Task PrepareAsync(string? keyId, CancellationToken cancellation)
    {
        var arrival = !firstRead.Task.IsCompleted ? firstRead.Task
            : Current is { } keys && !keys.Knows(keyId) ? AskForUnknownKey()
            : null;
        if (arrival is null)
            return;

        try
        {
            await arrival.WaitAsync(LongestWait, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // What is there by now decides.
        }
    }

    public override async Task KeepAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            // A fetch that hangs ends with its client; it must not hold up the end of the process.
            var isFetched = await FetchOnceAsync().WaitAsync(stopping);
            firstRead.TrySetResult();
            failures = isFetched ? 0 : failures + 1;
            var pause = isFetched
                ? Interval * (0.9 + (0.2 * random.NextDouble()))
                : TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(failures - 1, 10), LongestPause.Ticks));
            await Task.Delay(pause, clock, stopping);
        }
    }

    // Anyone can name a key that does not exist, so it is asked for now and then only.
    private Task? AskForUnknownKey()
    {
        lock (gate)
        {
            if (askedForUnknownKey is { } last && clock.GetElapsedTime(last) < UnknownKeyInterval)
                return fetches.WhenIdleAsync();
            askedForUnknownKey = clock.GetTimestamp();
            return FetchOnceAsync();
        }
    }

    private Task<bool> FetchOnceAsync() => fetches.RunAsync(name, FetchDeadline, async cancellation =>
    {
        try
        {
            snapshot = await fetcher.FetchAsync(cancellation);
            fault = null;
            Log.Fetched(logger, name, snapshot.Keys.Count);
            return true;
        }
        catch (Exception exception)
        {
            fault = exception.GetBaseException().Message;
            Log.NotFetched(logger, name, exception.Message);
            return false;
        }
    });

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Issuer {Issuer}: {Count} keys fetched")]
        public static partial void Fetched(ILogger logger, string issuer, int count);

        [LoggerMessage(2, LogLevel.Warning, "Issuer {Issuer}: its keys cannot be fetched: {Reason}")]
        public static partial void NotFetched(ILogger logger, string issuer, string reason);
    }
}
