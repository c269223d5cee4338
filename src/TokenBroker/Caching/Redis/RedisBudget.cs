namespace TokenBroker.Caching.Redis;

/// <summary>
/// How long one request waits for Redis' own answers: half a second in all, then Redis is passed over for it. In a boot storm the process'
/// own queue can be longer than that, and what waits there is not Redis' time: to pass Redis over for it would cost a mint a replica just
/// when it matters.
/// </summary>
internal sealed class RedisBudget(TimeProvider clock)
{
    public static readonly TimeSpan Whole = TimeSpan.FromMilliseconds(500);

    // An answer passes the queue when it arrives, when it is read, and when its waiter goes on; twice that to be sure.
    private const int QueuePasses = 8;

    private static readonly TimeSpan Noticeable = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(5);

    // As much is done within milliseconds. An answer that comes to the end of a busy thread's own queue is passed by all that is queued
    // for every thread, so the time that a pass takes tells too little.
    private const int FewItems = 16;

    // Leaves a mint time enough.
    private static readonly TimeSpan LongestBacklog = TimeSpan.FromSeconds(8);

    private TimeSpan left = Whole;

    /// <summary>Whether so little is left that running out of it says nothing about Redis.</summary>
    public bool IsShort => left < Whole / 2;

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
            if (elapsed < Noticeable || (await queue && await PassQueueAsync()))
                left -= elapsed;
        }
    }

    // The answer may be here and wait to be read. On an idle machine this takes no time.
    private async Task DrainQueueAsync(Task answer, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        for (var calm = 0; calm < QueuePasses && !answer.IsCompleted && !cancellation.IsCancellationRequested && clock.GetElapsedTime(started) < LongestBacklog;)
            calm = await PassQueueAsync() ? calm + 1 : 0;
    }

    // Fairly: behind all that is queued already. Gives whether that took no time and left little.
    private Task<bool> PassQueueAsync()
    {
        var queued = clock.GetTimestamp();
        return Task.Factory.StartNew(
            () => clock.GetElapsedTime(queued) < Calm && ThreadPool.PendingWorkItemCount < FewItems,
            CancellationToken.None,
            TaskCreationOptions.PreferFairness,
            TaskScheduler.Default);
    }
}
