using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBroker.Caching.Redis;

namespace TokenBroker.Observability;

/// <summary>Degraded while Redis cannot help: each replica then mints for itself, and nobody is refused for it.</summary>
internal sealed class RedisCheck(RedisSharing redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        redis.Fault is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy(redis.IsConfigured ? "answers" : "not configured"));
}
