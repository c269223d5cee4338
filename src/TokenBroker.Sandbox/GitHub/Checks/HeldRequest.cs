namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>
/// A request held back on purpose. It counts as in flight again in the very call that ends it (the clock's timer, the clearing of a
/// fault), not when its continuation happens to run: otherwise a test that drives the clock would find nothing in flight in between.
/// </summary>
internal sealed class HeldRequest(SandboxRequestLog log)
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool held;

    public Task Ended => ended.Task;

    /// <summary>Counts it as held, once everything that can end it is in place: who sees it held may move the clock at once.</summary>
    public void Begin()
    {
        lock (gate)
        {
            if (ended.Task.IsCompleted)
                return;
            held = true;
            log.Hold();
        }
    }

    public void End()
    {
        lock (gate)
        {
            if (held)
                log.Release();
            held = false;
            ended.TrySetResult();
        }
    }
}
