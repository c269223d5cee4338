using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenBroker.Auditing;

/// <summary>Degraded while audit events cannot be written: once their queue is full, requests are refused.</summary>
internal sealed class AuditHealthCheck(AuditTrail trail) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trail.Fault is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy("events are written"));
}
