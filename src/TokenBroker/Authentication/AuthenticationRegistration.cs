using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

internal static class AuthenticationRegistration
{
    public static void AddCallerAuthentication(this IServiceCollection services)
    {
        services.AddStrictOptions<IssuerListOptions, IssuerListOptionsValidator>(IssuerListOptions.Section);
        services.AddSingleton<IssuerDirectory>();
        services.AddHostedService<IssuerKeyLoops>();
        services.AddWarnings<IssuerListOptions>(IssuerWarnings.Find);

        services.AddSingleton<CallerSchemes>();
        services.AddSingleton<IConfigureOptions<AuthenticationOptions>>(provider => provider.GetRequiredService<CallerSchemes>());
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(provider => provider.GetRequiredService<CallerSchemes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>());
        services.AddScoped<CallerEvents>();
        services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new ForgottenKeys());
        services.AddAuthentication(CallerSchemes.Default).AddPolicyScheme(CallerSchemes.Default, displayName: null, options =>
            options.ForwardDefaultSelector = context => context.RequestServices.GetRequiredService<CallerSchemes>().Choose(context));

        // Every endpoint that does not allow anonymous access is for callers, and so are paths that do not exist.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }
}
