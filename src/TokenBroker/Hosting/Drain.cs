using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

/// <summary>
/// Keeps the listener going for a while after SIGTERM, with <c>/readyz</c> at 503, so that load balancers send their callers elsewhere
/// before connections are refused. After that the host lets running requests finish.
/// </summary>
internal sealed class Drain(IOptions<ShutdownOptions> options, Lifecycle lifecycle, TimeProvider clock) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifecycle.Stop();
        return Task.Delay(options.Value.Delay, clock, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
