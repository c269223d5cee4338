namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>
/// A request held back on purpose. It counts as in flight again in the very call that ends it (the clock's timer, the clearing of a
/// fault), not when its continuation happens to run: otherwise whoever drives the clock would find nothing in flight in between.
/// </summary>
internal sealed class HeldRequest
{
    private readonly SandboxRequestLog log;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int over;

    public HeldRequest(SandboxRequestLog log)
    {
        this.log = log;
        log.Hold();
    }

    public Task Ended => ended.Task;

    public void End()
    {
        if (Interlocked.Exchange(ref over, 1) != 0)
            return;
        log.Release();
        ended.SetResult();
    }
}
