using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenBroker.GitHub;

/// <summary>Degraded while GitHub did not answer the last time, or limits the broker. GitHub is not asked for this.</summary>
internal sealed class GitHubHealthCheck(GitHubConnection connection, CredentialLimits limits) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        connection.Fault is { } fault ? HealthCheckResult.Degraded(fault)
        : limits.AnyBlocked ? HealthCheckResult.Degraded("GitHub limits or refuses a credential of the broker")
        : HealthCheckResult.Healthy("nothing is known to be wrong"));
}
