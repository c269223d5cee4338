namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Holds requests back, and lets all of them go when the server stops.</summary>
internal sealed class Holding(SandboxRequestLog log, TimeProvider time) : IDisposable
{
    private volatile CancellationTokenSource stopping = new();

    public CancellationToken Stopping => stopping.Token;

    public void Stop()
    {
        if (!stopping.IsCancellationRequested)
            stopping.Cancel();
    }

    public void Start()
    {
        stopping.Dispose();
        stopping = new CancellationTokenSource();
    }

    public void Dispose() => stopping.Dispose();

    /// <summary>Until the fault is cleared; no timer is involved.</summary>
    public async Task UntilClearedAsync(HttpContext context, SandboxFault fault)
    {
        var held = new HeldRequest(log);
        await using var onClear = fault.Cleared.Register(held.End);
        await EndedAsync(context, held);
    }

    /// <summary>Until the injected clock has moved on.</summary>
    public async Task ForAsync(HttpContext context, TimeSpan duration)
    {
        var held = new HeldRequest(log);
        await using var timer = time.CreateTimer(_ => held.End(), state: null, duration, Timeout.InfiniteTimeSpan);
        await EndedAsync(context, held);
    }

    private async Task EndedAsync(HttpContext context, HeldRequest held)
    {
        var stop = Stopping;
        await using (context.RequestAborted.Register(held.End))
        await using (stop.Register(held.End))
        {
            held.Begin();
            await held.Ended;
        }

        if (stop.IsCancellationRequested)
            context.Abort();
        stop.ThrowIfCancellationRequested();
        context.RequestAborted.ThrowIfCancellationRequested();
    }
}
