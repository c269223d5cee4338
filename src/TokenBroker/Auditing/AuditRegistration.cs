using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Console;

namespace TokenBroker.Auditing;

/// <summary>The audit trail. There is no setting that switches it off.</summary>
internal static class AuditRegistration
{
    /// <summary>Call this before registering whatever makes events, so that the trail stops after it.</summary>
    public static void AddAudit(this IServiceCollection services)
    {
        services.TryAddSingleton(_ => AuditOutput.Console());
        services.AddSingleton<AuditMetrics>();
        services.AddSingleton<AuditExport>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<RefusedCallers>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditTrail>());

        // By default, the log blocks every writer, health checks among them, while standard output is not read.
        services.PostConfigure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
    }
}

/// <summary>Degraded while audit events cannot be written: once their queue is full, requests are refused.</summary>
internal sealed class AuditHealthCheck(AuditTrail trail) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(trail.Fault is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy("events are written"));
}
