namespace TokenBroker.Hosting;

/// <summary>Whether the process is on its way out.</summary>
internal sealed class Lifecycle
{
    private volatile bool isStopping;

    public bool IsStopping => isStopping;

    public void Stop() => isStopping = true;
}
