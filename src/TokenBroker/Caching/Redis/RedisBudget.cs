namespace TokenBroker.Caching.Redis;

/// <summary>
/// How long one request waits for Redis' own answers: half a second in all, then Redis is passed over for it. In a boot storm the process'
/// own queue can be longer than that, and what waits there is not Redis' time: to pass Redis over for it would cost a mint a replica just
/// when it matters.
/// </summary>
internal sealed class RedisBudget(TimeProvider clock)
{
    public static readonly TimeSpan Whole = TimeSpan.FromMilliseconds(500);

    // An answer passes the queue when it arrives, when it is read, and when its waiter goes on.
    private const int QueuePasses = 4;

    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestBacklog = TimeSpan.FromSeconds(3);

    private TimeSpan left = Whole;

    /// <summary>Whether so little is left that running out of it says nothing about Redis.</summary>
    public bool IsShort => left <= Whole / 2;

    /// <summary>
    /// For a look at how another replica's mint is getting on. That mint is waited for anyway, so a look that finds nothing takes
    /// nothing from this budget; one that Redis does not answer in time ends the waiting.
    /// </summary>
    public RedisBudget ForLook() => new(clock) { left = left > Whole / 2 ? left : Whole / 2 };

    /// <summary>Waits for an answer and takes the time from the budget; throws <see cref="TimeoutException"/> when it is used up.</summary>
    public async Task<T> SpendAsync<T>(Func<Task<T>> command, CancellationToken cancellation)
    {
        if (left <= TimeSpan.Zero)
            throw new TimeoutException();
        var answer = command();
        var started = clock.GetTimestamp();
        var queue = PassQueueAsync();
        try
        {
            return await answer.WaitAsync(left, clock, cancellation);
        }
        catch (TimeoutException) when (!answer.IsFaulted)
        {
            await DrainQueueAsync(answer, cancellation);
            return answer.IsCompleted ? await answer : throw new TimeoutException();
        }
        finally
        {
            // What took long while the queue was long too, before or after, tells nothing about Redis.
            var elapsed = clock.GetElapsedTime(started);
            if (elapsed < Noticeable || (await queue < Calm && await PassQueueAsync() < Calm))
                left -= elapsed;
        }
    }

    // The answer may be here and wait to be read. On an idle machine this takes no time.
    private async Task DrainQueueAsync(Task answer, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        for (var calm = 0; calm < QueuePasses && !answer.IsCompleted && !cancellation.IsCancellationRequested && clock.GetElapsedTime(started) < LongestBacklog;)
            calm = await PassQueueAsync() < Calm ? calm + 1 : 0;
    }

    // Fairly: behind all that is queued already. Gives how long that took.
    private Task<TimeSpan> PassQueueAsync()
    {
        var queued = clock.GetTimestamp();
        return Task.Factory.StartNew(() => clock.GetElapsedTime(queued), CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
    }
}
