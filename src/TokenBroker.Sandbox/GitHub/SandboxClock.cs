namespace TokenBroker.Sandbox.GitHub;

/// <summary>What time it is at this GitHub, which need not be the time of everyone else.</summary>
internal sealed class SandboxClock(TimeProvider time)
{
    private long offset;

    public TimeProvider Time => time;

    public TimeSpan Offset
    {
        get => new(Interlocked.Read(ref offset));
        set => Interlocked.Exchange(ref offset, value.Ticks);
    }

    public DateTimeOffset Now => time.GetUtcNow() + Offset;
}
