using Microsoft.Extensions.Options;
using TokenBroker.Authorization.Grants;
using TokenBroker.Configuration;

namespace TokenBroker.Authorization;

/// <summary>What callers may ask.</summary>
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
        var policies = ActivatorUtilities.CreateInstance<PolicyStore>(provider, provider.GetRequiredService<IOptions<PolicyListOptions>>().Value);
        provider.GetRequiredService<WatchedFiles>().Add(policies);
        return policies;
    }
}
