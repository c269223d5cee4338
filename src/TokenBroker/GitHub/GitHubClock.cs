namespace TokenBroker.GitHub;

/// <summary>
/// GitHub's clock: ours, corrected by the <c>Date</c> of GitHub's answers when the two are apart. What GitHub signs with a time,
/// or checks a time of, is told by this clock; timers and durations are untouched.
/// </summary>
internal sealed class GitHubClock(TimeProvider system) : TimeProvider
{
    // A Date has whole seconds and has travelled; less than this is no difference.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private long offset;

    /// <summary>How far GitHub's clock is ahead of ours.</summary>
    public TimeSpan Offset => TimeSpan.FromTicks(Interlocked.Read(ref offset));

    public override long TimestampFrequency => system.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => system.GetUtcNow() + Offset;

    public override long GetTimestamp() => system.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        system.CreateTimer(callback, state, dueTime, period);

    /// <summary>Takes the time of an answer.</summary>
    public void Observe(DateTimeOffset? date)
    {
        if (date is not { } theirs)
            return;
        var difference = theirs - system.GetUtcNow();
        Interlocked.Exchange(ref offset, difference.Duration() < Tolerance ? 0 : difference.Ticks);
    }
}
