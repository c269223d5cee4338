using Microsoft.Extensions.Options;
using TokenBroker.Authorization.Grants;
using TokenBroker.Configuration;

namespace TokenBroker.Authorization;

/// <summary>What callers may ask.</summary>
internal static class AuthorizationRegistration
{
    public static void AddPolicies(this IServiceCollection services)
    {
        services.AddStrictOptions<AuthorizationOptions, AuthorizationOptionsValidator>(AuthorizationOptions.Section);
        services.AddSingleton<AuthorizationOptionsValidator>();
        services.AddSingleton(Create);
        services.AddSingleton<CallerGrants>();
        services.AddSingleton<MissingDenyClaims>();
        services.AddWarnings(provider => PolicyWarnings.Find(provider.GetRequiredService<Policies>().Current));
    }

    private static Policies Create(IServiceProvider provider)
    {
        var policies = ActivatorUtilities.CreateInstance<Policies>(provider, provider.GetRequiredService<IOptions<AuthorizationOptions>>().Value);
        provider.GetRequiredService<WatchedFiles>().Add(policies);
        return policies;
    }
}
