using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBroker.Authentication;
using TokenBroker.Caching.Redis;

namespace TokenBroker.Hosting;

/// <summary>Not ready while starting, until every issuer and Redis were asked once, and while stopping.</summary>
internal sealed class LifecycleHealthCheck(Lifecycle lifecycle, IssuerDirectory issuers, RedisSharing redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        lifecycle.IsStopping ? HealthCheckResult.Unhealthy("stopping")
        : issuers.All.All(issuer => issuer.Keys.FirstRead.IsCompleted) && redis.IsTried ? HealthCheckResult.Healthy("running")
        : HealthCheckResult.Unhealthy("starting"));
}
