namespace TokenBroker.Testing;

/// <summary>A clock that stands still until a test moves it. Timers fire while it moves, in order.</summary>
internal sealed class ManualClock : TimeProvider
{
    private static readonly TimeSpan FarAway = TimeSpan.FromSeconds(4);
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private long changes;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How long each timer has still to wait, the next one first.</summary>
    public IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (gate)
                return [.. timers.Select(timer => timer.Due - now).Order()];
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
            return now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock, firing what becomes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        var target = GetUtcNow() + by;
        while (TakeDue(target) is { } timer)
            timer.Fire();
        lock (gate)
            now = target;
    }

    /// <summary>
    /// Moves the clock from timer to timer until the task has ended. Others may be busy: a request on its way to a server takes real time,
    /// and must not meet a time-out that only the test's impatience made. Calm is counted in turns of the thread pool, which a loaded
    /// machine makes longer, and a timer that is far away, as time-outs are, needs much more of it than a pause before the next try.
    /// </summary>
    public async Task<T> RunUntilAsync<T>(Task<T> task, Func<bool>? isBusy = null)
    {
        const int CalmForPause = 8;
        const int CalmForTimeout = 120;
        var (calm, seen) = (0, Interlocked.Read(ref changes));
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(5), System));
            var isCalm = isBusy?.Invoke() is not true && Interlocked.Read(ref changes) == seen;
            (calm, seen) = (isCalm ? calm + 1 : 0, Interlocked.Read(ref changes));
            if (NextDue() is not { } due || task.IsCompleted)
                continue;
            var wait = due - GetUtcNow();
            if (calm < (wait < FarAway ? CalmForPause : CalmForTimeout))
                continue;
            Advance(wait);
            calm = 0;
        }

        return await task;
    }

    private DateTimeOffset? NextDue()
    {
        lock (gate)
            return timers.Count == 0 ? null : timers.Min(timer => timer.Due);
    }

    private ManualTimer? TakeDue(DateTimeOffset target)
    {
        lock (gate)
        {
            var next = timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
            if (next is null)
                return null;
            now = next.Due > now ? next.Due : now;
            if (next.Period > TimeSpan.Zero)
                next.Due += next.Period;
            else
                timers.Remove(next);
            return next;
        }
    }

    private sealed class ManualTimer(ManualClock clock, Action fire) : ITimer
    {
        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.gate)
            {
                Interlocked.Increment(ref clock.changes);
                clock.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock.now + dueTime;
                Period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                clock.timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (clock.gate)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
