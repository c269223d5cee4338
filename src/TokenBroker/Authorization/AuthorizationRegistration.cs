using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using TokenBroker.Authorization.Grants;
using TokenBroker.Configuration;

namespace TokenBroker.Authorization;

internal static class AuthorizationRegistration
{
    public static void AddPolicies(this IServiceCollection services)
    {
        services.AddStrictOptions<PolicyListOptions, PolicyListOptionsValidator>(PolicyListOptions.Section);
        services.AddSingleton<PolicyListOptionsValidator>();
        services.AddSingleton(Create);
        services.AddSingleton<CallerGrants>();
        services.AddSingleton<MissingDenyClaims>();
        services.AddWarnings(provider => PolicyWarnings.Find(provider.GetRequiredService<PolicyStore>().Current));
    }

    private static PolicyStore Create(IServiceProvider provider)
    {
        var policies = ActivatorUtilities.CreateInstance<PolicyStore>(
            provider, provider.GetRequiredService<IOptions<PolicyListOptions>>().Value);
        provider.GetRequiredService<WatchedFiles>().Add(policies);
        return policies;
    }
}

/// <summary>
/// Degraded while the newest version of the policies is rejected. Anyone can read the health page, so the faults themselves are only in
/// the log.
/// </summary>
internal sealed class PoliciesHealthCheck(PolicyStore policies) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(policies.Faults.Count == 0 ? HealthCheckResult.Healthy(Healthy()) : HealthCheckResult.Degraded(Degraded()));

    private string Healthy() =>
        "the newest version is in force"
        + (policies.Waiting.Count > 0 ? "; other sections of the file changed too and are read at the next start" : "");

    private string Degraded() =>
        $"the newest version has {policies.Faults.Count} fault{(policies.Faults.Count == 1 ? "" : "s")} and was rejected; "
        + "the previous version is in force";
}
