using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TokenBroker.Authentication;
using TokenBroker.Caching.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>Whether the process is stopping.</summary>
internal sealed class Lifecycle
{
    private volatile bool isStopping;

    public bool IsStopping => isStopping;

    public void Stop() => isStopping = true;
}

/// <summary>
/// Keeps the listener open for a while after SIGTERM, with <c>/readyz</c> at 503, so that load balancers send callers elsewhere before
/// connections are refused. Then the host lets running requests finish.
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

/// <summary>Not ready at start, until every issuer and Redis have been tried once, and while stopping.</summary>
internal sealed class LifecycleHealthCheck(Lifecycle lifecycle, IssuerDirectory issuers, RedisSharing redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            lifecycle.IsStopping ? HealthCheckResult.Unhealthy("stopping")
            : issuers.All.All(issuer => issuer.Keys.FirstRead.IsCompleted) && redis.IsTried ? HealthCheckResult.Healthy("running")
            : HealthCheckResult.Unhealthy("starting"));
}

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>
    /// How long the listener stays open after SIGTERM while <c>/readyz</c> says 503, so that load balancers look elsewhere first.
    /// From zero to 5 minutes; default 5 seconds.
    /// </summary>
    [TimeRange("00:00:00", "00:05:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(5);
}
