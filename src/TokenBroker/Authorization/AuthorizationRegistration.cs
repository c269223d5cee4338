using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.Authorization;

/// <summary>What callers may ask.</summary>
internal static class AuthorizationRegistration
{
    public static void AddPolicies(this IServiceCollection services)
    {
        services.AddStrictOptions<AuthorizationOptions, AuthorizationOptionsValidator>(AuthorizationOptions.Section);
        services.AddSingleton(provider => PolicySet.Compile(provider.GetRequiredService<IOptions<AuthorizationOptions>>().Value));
        services.AddHostedService<PolicyWarnings>();
    }
}
