namespace TokenBroker.Caching;

/// <summary>Lets the mints that run finish before the process stops. Registered before the listener, so stopped after it.</summary>
internal sealed class RunningMints(SecretCache cache) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => cache.WhenIdleAsync().WaitAsync(cancellationToken);
}
