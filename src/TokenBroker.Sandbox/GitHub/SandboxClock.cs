namespace TokenBroker.Sandbox.GitHub;

/// <summary>The time at this GitHub, which may differ from the time elsewhere.</summary>
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
