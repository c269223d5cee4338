namespace TokenBroker.Caching.Redis;

/// <summary>
/// Whether this process keeps up with its own work. One look is for all who wait: as many looks as there are who wait would be the
/// backlog that they look for.
/// </summary>
internal sealed class QueueWatch(TimeProvider clock)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    // A process whose queue takes no longer than this, and is no longer than that, is idle.
    private static readonly TimeSpan ShortWhile = TimeSpan.FromMilliseconds(10);
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
        await Task.Delay(Interval, clock);
        var queued = clock.GetTimestamp();

        // Goes fairly, behind all that is queued already.
        return await Task.Factory.StartNew(
            () => clock.GetElapsedTime(queued) < ShortWhile && ThreadPool.PendingWorkItemCount < FewItems,
            CancellationToken.None,
            TaskCreationOptions.PreferFairness,
            TaskScheduler.Default);
    }
}
