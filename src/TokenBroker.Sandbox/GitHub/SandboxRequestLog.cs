namespace TokenBroker.Sandbox.GitHub;

/// <summary>
/// The requests that this GitHub received. A request counts when it arrives, so that a client that has its response finds it counted.
/// </summary>
public sealed class SandboxRequestLog
{
    private const int Remembered = 1_000;

    private readonly Lock gate = new();
    private readonly Dictionary<SandboxRequestKind, int> counts = [];
    private readonly Queue<SandboxRequestEntry> recent = new();
    private readonly List<(Func<SandboxRequestLog, bool> Condition, TaskCompletionSource Reached)> waiting = [];
    private int inFlight;
    private int peakInFlight;
    private int held;

    internal SandboxRequestLog()
    {
    }

    /// <summary>Look-ups of installations.</summary>
    public int InstallationLookups => Count(SandboxRequestKind.InstallationLookup);

    /// <summary>Requests for installation tokens.</summary>
    public int InstallationTokens => Count(SandboxRequestKind.InstallationToken);

    /// <summary>Requests for registration tokens.</summary>
    public int RegistrationTokens => Count(SandboxRequestKind.RegistrationToken);

    /// <summary>Requests for remove tokens.</summary>
    public int RemoveTokens => Count(SandboxRequestKind.RemoveToken);

    /// <summary>Requests for just-in-time configurations.</summary>
    public int JitConfigurations => Count(SandboxRequestKind.JitConfiguration);

    /// <summary>Requests that are of no kind of their own.</summary>
    public int Others => Count(SandboxRequestKind.Other);

    public int Total => Read(() => counts.Values.Sum());

    /// <summary>
    /// Requests that are being worked on. One that is held back on purpose, by a hang or until the clock has moved on, is not
    /// among them: a test that drives the clock may move it when this is 0.
    /// </summary>
    public int InFlight => Read(() => inFlight);

    /// <summary>The most requests that were ever in flight or held at once.</summary>
    public int PeakInFlight => Read(() => peakInFlight);

    /// <summary>Requests held back on purpose.</summary>
    public int Held => Read(() => held);

    /// <summary>The last requests, oldest first.</summary>
    public IReadOnlyList<SandboxRequestEntry> Recent => Read(() => recent.ToArray());

    /// <summary>How many requests of a kind have arrived.</summary>
    public int Count(SandboxRequestKind kind) => Read(() => counts.GetValueOrDefault(kind));

    /// <summary>Completes as soon as the condition holds of this log; it is asked again at every change.</summary>
    public Task WaitUntilAsync(Func<SandboxRequestLog, bool> condition, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (condition(this))
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((condition, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Forgets counts and entries; what is in flight stays counted.</summary>
    public void Reset() => Change(() =>
    {
        counts.Clear();
        recent.Clear();
        peakInFlight = inFlight + held;
    });

    internal void Arrived(SandboxRequestEntry entry) => Change(() =>
    {
        counts[entry.Kind] = counts.GetValueOrDefault(entry.Kind) + 1;
        recent.Enqueue(entry);
        if (recent.Count > Remembered)
            recent.Dequeue();
        inFlight++;
        peakInFlight = Math.Max(peakInFlight, inFlight + held);
    });

    internal void Left() => Change(() => inFlight--);

    internal void Hold() => Change(() =>
    {
        inFlight--;
        held++;
    });

    internal void Release() => Change(() =>
    {
        inFlight++;
        held--;
    });

    private T Read<T>(Func<T> read)
    {
        lock (gate)
            return read();
    }

    private void Change(Action change)
    {
        lock (gate)
        {
            change();
            waiting.RemoveAll(waiter => waiter.Reached.Task.IsCompleted || (waiter.Condition(this) && waiter.Reached.TrySetResult()));
        }
    }
}
