namespace TokenBroker.Caching.Redis;

/// <summary>
/// How long one request waits for Redis' own answers: half a second, then Redis is passed over for it. In a boot storm the process' own
/// queue can be longer than that, and what waits there is not Redis' time: to pass Redis over for it would cost a mint a replica just when
/// it matters. So it is given up only when this process has had next to nothing else to do for a while, or after eight seconds.
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

    // A process that was idle at three looks has read what is here.
    private const int LongEnoughIdle = 3;

    // Leaves a mint time enough.
    private static readonly TimeSpan LongestBacklog = TimeSpan.FromSeconds(8);

    private TimeSpan left = Whole;

    /// <summary>Waits for an answer and takes the time in which this process was idle from the budget; throws <see cref="TimeoutException"/> when it is used up.</summary>
    /// <param name="command">Asks Redis.</param>
    /// <param name="queue">Tells whether this process is idle.</param>
    /// <param name="isSilent">Whether Redis has left everybody without an answer for as long as <see cref="Silence"/>; null if it need not be known.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<T> SpendAsync<T>(Func<Task<T>> command, QueueWatch queue, Func<bool>? isSilent, CancellationToken cancellation)
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
                var look = queue.LookAsync();
                await Task.WhenAny(answer, look).WaitAsync(cancellation);
                if (answer.IsCompleted)
                    return await answer;
                (idle, spent) = await look ? (idle + 1, spent + QueueWatch.Interval) : (0, spent);
                var elapsed = clock.GetElapsedTime(started);
                var isOver = elapsed >= left || (hasWaited && elapsed >= Silence && isSilent?.Invoke() == true);
                if ((isOver && idle >= LongEnoughIdle) || elapsed > LongestBacklog)
                    throw new TimeoutException();
            }
        }
        finally
        {
            left -= spent;
        }
    }
}
