namespace TokenBroker.Caching.Redis;

/// <summary>
/// Whether this process keeps up with its own work. One look is for all who wait: as many looks as there are who wait would be the
/// backlog that they look for.
/// </summary>
internal sealed class QueueWatch(TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    // An idle process has a queue that is short and takes no time, and it is given the processor when the interval is over.
    private static readonly TimeSpan ShortWhile = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan InTime = Interval * 2;
    private const int FewItems = 16;

    private readonly Lock gate = new();
    private Task<bool> look = Task.FromResult(false);

    /// <summary>Tells, an interval later, whether the process is idle.</summary>
    public Task<bool> LookAsync()
    {
        lock (gate)
            return look = look.IsCompleted ? StartAsync() : look;
    }

    private async Task<bool> StartAsync()
    {
        var started = clock.GetTimestamp();
        await Task.Delay(Interval, clock);
        var queued = clock.GetTimestamp();

        // Goes fairly, behind all that is queued already.
        return await Task.Factory.StartNew(
            () => clock.GetElapsedTime(queued) < ShortWhile && clock.GetElapsedTime(started) < InTime && ThreadPool.PendingWorkItemCount < FewItems,
            CancellationToken.None,
            TaskCreationOptions.PreferFairness,
            TaskScheduler.Default);
    }
}
