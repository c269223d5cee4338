using TokenBroker.Caching;
using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>Where one issuer's keys come from.</summary>
internal abstract class IssuerKeys
{
    /// <summary>The last good keys; null if there never were any, or none for a day.</summary>
    public abstract KeySnapshot? Current { get; }

    /// <summary>Why the keys could not be read the last time; null if they could.</summary>
    public virtual string? Fault => null;

    /// <summary>Ends when the keys were tried to be read for the first time, well or badly.</summary>
    public abstract Task FirstRead { get; }

    /// <summary>
    /// Gives keys that may be on their way a moment to arrive, before a JWT that names this key is validated. Where they still lack it and
    /// it may be newer than they are, says how long until they are asked for again; otherwise null, and what there is decides.
    /// </summary>
    public abstract Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation);

    /// <summary>Keeps the keys up to date until the process stops.</summary>
    public abstract Task KeepAsync(CancellationToken stopping);
}

/// <summary>An issuer's keys as they were when they were last read.</summary>
/// <param name="Issuer">The exact <c>iss</c> that its JWTs must carry.</param>
/// <param name="Set">Its signing keys.</param>
/// <param name="AskedAt">When they were asked for, as a timestamp of the clock: what came later than that they may lack.</param>
internal sealed record KeySnapshot(string Issuer, KeySet Set, long AskedAt);

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

    // Each of them holds a request's place while it waits, and strangers can be many.
    private const int MostWaiting = 1_000;

    private readonly SingleFlight<bool> fetches = new(clock, "fetch keys");
    private readonly TaskCompletionSource firstRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private volatile KeySnapshot? snapshot;
    private volatile string? fault;
    private Question? question;
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

        // A stranger may have asked for a key that does not exist a moment ago, and the issuer changed its keys since.
        await WaitForAnswerAsync(AskForUnknownKey(), cancellation);
        return Current is not { } newer || newer.Set.Decides(keyId, algorithm) || newer.AskedAt >= arrived ? null : UntilNextQuestion();
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

    private async Task WaitForAnswerAsync(Task answer, CancellationToken cancellation)
    {
        try
        {
            if (Interlocked.Increment(ref waiting) <= MostWaiting)
                await WaitAsync(answer, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private async Task WaitAsync(Task arrival, CancellationToken cancellation)
    {
        try
        {
            await arrival.WaitAsync(LongestWait, clock, cancellation);
        }
        catch (TimeoutException)
        {
            // What is there by now decides.
        }
    }

    // Anyone can name a key that does not exist, so it is asked for now and then only.
    private Task AskForUnknownKey()
    {
        lock (gate)
        {
            if (question is { } last && clock.GetElapsedTime(last.AskedAt) < UnknownKeyInterval)
                return Task.WhenAll(last.Answer, fetches.WhenIdleAsync());
            question = new Question(clock.GetTimestamp(), FetchAnewAsync());
            return question.Answer;
        }
    }

    private TimeSpan UntilNextQuestion()
    {
        lock (gate)
            return question is { } last ? UnknownKeyInterval - clock.GetElapsedTime(last.AskedAt) : TimeSpan.Zero;
    }

    // What is under way already may have been answered before the key was there.
    private async Task FetchAnewAsync()
    {
        Log.AsksForUnknown(logger, name);
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

    private sealed record Question(long AskedAt, Task Answer);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Issuer {Issuer}: {Count} keys fetched")]
        public static partial void Fetched(ILogger logger, string issuer, int count);

        [LoggerMessage(2, LogLevel.Warning, "Issuer {Issuer}: its keys cannot be fetched: {Reason}")]
        public static partial void NotFetched(ILogger logger, string issuer, string reason);

        [LoggerMessage(3, LogLevel.Information, "Issuer {Issuer}: a JWT names a key that is none of its keys; they are fetched again")]
        public static partial void AsksForUnknown(ILogger logger, string issuer);

        [LoggerMessage(4, LogLevel.Warning, "Issuer {Issuer}: {Count} keys of its key set are left out; the first {Most} that can be used are taken")]
        public static partial void LeftOut(ILogger logger, string issuer, int count, int most);
    }
}

/// <summary>Keys from a file, for issuers without discovery. The file is polled with all others.</summary>
internal sealed class FileKeys(string issuer, ContentSource<KeySet> file, TimeProvider clock) : IssuerKeys
{
    public override KeySnapshot Current => new(issuer, file.Current.Value, clock.GetTimestamp());

    public override Task FirstRead => Task.CompletedTask;

    public override Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation) => Task.FromResult<TimeSpan?>(null);

    public override Task KeepAsync(CancellationToken stopping) => Task.CompletedTask;
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
            // A start that fails ends what runs already, and the host would call that a failure.
        }
    }
}
