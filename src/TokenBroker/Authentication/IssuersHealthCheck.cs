using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace TokenBroker.Authentication;

/// <summary>Degraded while an issuer's keys are missing: its own callers are refused, all others are served.</summary>
internal sealed class IssuersHealthCheck(IssuerDirectory issuers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = issuers.All.Where(issuer => issuer.Keys.Current is null).Select(issuer => issuer.Name).ToList();
        return Task.FromResult(missing.Count == 0
            ? HealthCheckResult.Healthy("all keys are there")
            : HealthCheckResult.Degraded("no keys of: " + string.Join(", ", missing)));
    }
}
