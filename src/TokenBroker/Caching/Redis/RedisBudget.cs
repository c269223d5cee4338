namespace TokenBroker.Caching.Redis;

/// <summary>
/// How long one request waits for Redis' own answers: half a second in all, then Redis is passed over for it. In a boot storm the process'
/// own queue can be longer than that, and what waits there is not Redis' time: to pass Redis over for it would cost a mint a replica just
/// when it matters. So it is given up only when this process has had next to nothing else to do for a while.
/// </summary>
/// <param name="clock">What it is measured by.</param>
/// <param name="hasWaited">
/// Whether a quarter of a second may have gone by without a word of another's mint. Redis may have been silent all that while, so as much
/// more is enough, if it answers nobody else either.
/// </param>
internal sealed class RedisBudget(TimeProvider clock, bool hasWaited = false)
{
    public static readonly TimeSpan Whole = TimeSpan.FromMilliseconds(500);

    /// <summary>How long Redis may leave everybody without an answer before it is said to be silent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(25);

    // A process whose queue takes no longer than this and is no longer than that is idle; one that is so for three slices has read what is here.
    private static readonly TimeSpan ShortWhile = TimeSpan.FromMilliseconds(10);
    private const int FewItems = 16;
    private const int LongEnoughIdle = 3;

    // Leaves a mint time enough.
    private static readonly TimeSpan LongestBacklog = TimeSpan.FromSeconds(8);

    private TimeSpan left = Whole;

    /// <summary>Waits for an answer and takes the time from the budget; throws <see cref="TimeoutException"/> when it is used up.</summary>
    /// <param name="command">Asks Redis.</param>
    /// <param name="isSilent">Whether Redis has left everybody without an answer since it was asked.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<T> SpendAsync<T>(Func<Task<T>> command, Func<bool> isSilent, CancellationToken cancellation)
    {
        if (left <= TimeSpan.Zero)
            throw new TimeoutException();
        var answer = command();
        var started = clock.GetTimestamp();
        var (idle, spent) = (0, TimeSpan.Zero);
        try
        {
            while (true)
            {
                await ((Task)answer).WaitAsync(Slice, clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (answer.IsCompleted)
                    return await answer;
                cancellation.ThrowIfCancellationRequested();
                (idle, spent) = await IsIdleAsync() ? (idle + 1, spent + Slice) : (0, spent);
                var elapsed = clock.GetElapsedTime(started);
                var isOver = elapsed >= left || (hasWaited && elapsed >= Silence && isSilent());
                if ((isOver && idle >= LongEnoughIdle) || elapsed > LongestBacklog)
                    throw new TimeoutException();
            }
        }
        finally
        {
            left -= spent;
        }
    }

    // Goes fairly, behind all that is queued already.
    private Task<bool> IsIdleAsync()
    {
        var queued = clock.GetTimestamp();
        return Task.Factory.StartNew(
            () => clock.GetElapsedTime(queued) < ShortWhile && ThreadPool.PendingWorkItemCount < FewItems,
            CancellationToken.None,
            TaskCreationOptions.PreferFairness,
            TaskScheduler.Default);
    }
}
