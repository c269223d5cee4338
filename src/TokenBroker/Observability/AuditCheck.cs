using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBroker.Auditing;

namespace TokenBroker.Observability;

/// <summary>Degraded while audit events cannot be written: once their queue is full, requests are refused.</summary>
internal sealed class AuditCheck(AuditTrail trail) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trail.Fault is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy("events are written"));
}
