namespace TokenBroker.Sandbox.GitHub;

/// <summary>One way in which this GitHub fails at present.</summary>
public sealed class SandboxFault : IDisposable
{
    private readonly SandboxFaults owner;
    private readonly CancellationTokenSource cleared = new();
    private int used;

    internal SandboxFault(SandboxFaults owner, string name, int? times, string? path, double? seconds)
    {
        this.owner = owner;
        Cleared = cleared.Token;
        Name = name;
        Times = times;
        Path = path;
        Seconds = seconds;
    }

    /// <summary>One of <see cref="SandboxFaultNames"/>.</summary>
    public string Name { get; }

    /// <summary>How many requests it strikes; null means until it is cleared.</summary>
    public int? Times { get; }

    /// <summary>It strikes only requests whose path holds this; null means every request that can fail in this way.</summary>
    public string? Path { get; }

    /// <summary>The seconds that the fault speaks of, where it speaks of any.</summary>
    public double? Seconds { get; }

    /// <summary>How many requests it has struck.</summary>
    public int Used => Volatile.Read(ref used);

    /// <summary>Ends the fault and releases what it holds.</summary>
    public void Dispose()
    {
        owner.Remove(this);
        cleared.Dispose();
    }

    internal CancellationToken Cleared { get; }

    internal bool Exhausted => Used >= Times;

    internal TimeSpan Duration(double otherwise) => TimeSpan.FromSeconds(Seconds ?? otherwise);

    internal bool TryUse()
    {
        while (true)
        {
            var before = Used;
            if (Cleared.IsCancellationRequested || before >= Times)
                return false;
            if (Interlocked.CompareExchange(ref used, before + 1, before) == before)
                return true;
        }
    }

    internal void Clear()
    {
        if (!Cleared.IsCancellationRequested)
            cleared.Cancel();
    }
}
