namespace TokenBroker.Sandbox;

/// <summary>
/// Leaves signals to the program: with the usual lifetime every server in the process would stop on SIGTERM by itself,
/// and the broker could not finish the requests it still has at this GitHub.
/// </summary>
internal sealed class OwnedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
