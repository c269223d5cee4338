using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenBroker.Caching.Redis;

/// <summary>Degraded while Redis cannot help: each replica then mints for itself, and no caller is refused for it.</summary>
internal sealed class RedisHealthCheck(RedisSharing redis) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var healthy = HealthCheckResult.Healthy(redis.IsConfigured ? "answers" : "not configured");
        return Task.FromResult(redis.Fault is { } fault ? HealthCheckResult.Degraded(fault) : healthy);
    }
}
