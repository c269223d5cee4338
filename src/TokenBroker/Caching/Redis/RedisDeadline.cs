namespace TokenBroker.Caching.Redis;

/// <summary>
/// How long one request waits for Redis's own answers: half a second in all, then the request goes on without Redis.
/// <para>
/// In a boot storm, thousands of requests fill the thread pool's queue, and an answer that has long arrived waits there to be processed.
/// That time is not Redis's: giving up on Redis for it would cost one extra mint per replica just when it matters most. So only the time in
/// which this process was idle counts against the half second, and Redis is given up only after the process was idle for three looks in a
/// row, which is enough to process whatever has arrived; or after eight seconds, whatever the cause, which leaves time for a mint.
/// </para>
/// </summary>
/// <param name="clock">The clock for the deadline.</param>
/// <param name="hasWaited">
/// Whether the request has just waited a quarter of a second for another replica's mint in vain. Redis may have been silent all that time,
/// so a quarter of a second more is enough if Redis answers no other command either.
/// </param>
internal sealed class RedisDeadline(TimeProvider clock, bool hasWaited = false)
{
    public static readonly TimeSpan Whole = TimeSpan.FromMilliseconds(500);

    /// <summary>How long Redis may leave every command without an answer before it counts as silent.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(250);

    private const int IdleLooks = 3;
    private static readonly TimeSpan LongestBacklog = TimeSpan.FromSeconds(8);

    private TimeSpan left = Whole;

    /// <summary>
    /// Runs a command and waits for its answer. Throws a <see cref="TimeoutException"/> when the deadline has passed, without running the
    /// command if it had passed before.
    /// </summary>
    /// <param name="command">Sends the command.</param>
    /// <param name="backlog">Whether this process is idle.</param>
    /// <param name="isSilent">Whether Redis has been silent for as long as <see cref="Silence"/>; null if that does not matter.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> command, Backlog backlog, Func<bool>? isSilent, CancellationToken cancellation)
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
                var look = backlog.IsIdleAsync();
                await Task.WhenAny(answer, look).WaitAsync(cancellation);
                if (answer.IsCompleted)
                    return await answer;
                (idle, spent) = await look ? (idle + 1, spent + Backlog.Interval) : (0, spent);
                var elapsed = clock.GetElapsedTime(started);
                var isOver = elapsed >= left || (hasWaited && elapsed >= Silence && isSilent?.Invoke() == true);
                if ((isOver && idle >= IdleLooks) || elapsed > LongestBacklog)
                    throw new TimeoutException();
            }
        }
        finally
        {
            left -= spent;
        }
    }

    /// <summary>
    /// Whether this process keeps up with its own work. All waiting requests share one look: a look per request would be the backlog that
    /// it looks for.
    /// </summary>
    /// <param name="clock">The clock for the looks.</param>
    /// <param name="countPending">How many work items the thread pool has queued.</param>
    internal sealed class Backlog(TimeProvider clock, Func<long> countPending)
    {
        public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

        // An idle process has a short queue, processes it at once, and gets the processor when the interval is over.
        private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(10);
        private static readonly TimeSpan OnTime = Interval * 2;
        private const int ShortQueue = 16;

        private readonly Lock gate = new();
        private Task<bool> look = Task.FromResult(false);

        /// <summary>Returns, one interval later, whether the process is idle.</summary>
        public Task<bool> IsIdleAsync()
        {
            lock (gate)
                return look = look.IsCompleted ? LookAsync() : look;
        }

        private async Task<bool> LookAsync()
        {
            var started = clock.GetTimestamp();
            await Task.Delay(Interval, clock);
            var queued = clock.GetTimestamp();

            // Queued fairly, behind everything that is queued already.
            return await Task.Factory.StartNew(
                () => clock.GetElapsedTime(queued) < AtOnce && clock.GetElapsedTime(started) < OnTime && countPending() < ShortQueue,
                CancellationToken.None,
                TaskCreationOptions.PreferFairness,
                TaskScheduler.Default);
        }
    }
}
