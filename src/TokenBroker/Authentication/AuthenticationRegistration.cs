using System.Xml.Linq;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
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
        services.AddWarnings<IssuerListOptions>(IssuerWarnings.Check);

        services.AddSingleton<CallerSchemes>();
        services.AddSingleton<IConfigureOptions<AuthenticationOptions>>(provider => provider.GetRequiredService<CallerSchemes>());
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>>(provider => provider.GetRequiredService<CallerSchemes>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>());
        services.AddScoped<CallerEvents>();
        services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new ForgottenKeys());
        services.AddAuthentication(CallerSchemes.Default).AddPolicyScheme(CallerSchemes.Default, displayName: null, options =>
            options.ForwardDefaultSelector = context => context.RequestServices.GetRequiredService<CallerSchemes>().Choose(context));

        // Every endpoint that does not explicitly allow anonymous access requires a caller, and so do paths that do not exist.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }
}

/// <summary>Warns about settings of issuers that are allowed but unwise.</summary>
internal static class IssuerWarnings
{
    public static IEnumerable<ConfigurationWarning> Check(IssuerListOptions options) =>
        from entry in options.Issuers
        from address in new[] { (Key: "Authority", Value: entry.Value.Authority), (Key: "JwksUri", Value: entry.Value.JwksUri) }
        where WebAddress.TryParse(address.Value, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback
        select new ConfigurationWarning(
            $"{IssuerListOptions.Section}:Issuers:{entry.Key}:{address.Key}",
            "its keys are fetched over plain HTTP; anyone on the network path can forge tokens for any caller");
}

/// <summary>Degraded while an issuer's keys are missing: its callers are refused, and all others are served.</summary>
internal sealed class IssuersHealthCheck(IssuerDirectory issuers) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var missing = issuers.All.Where(issuer => issuer.Keys.Current is null).Select(issuer => issuer.Name).ToList();
        return Task.FromResult(missing.Count == 0
            ? HealthCheckResult.Healthy("the keys of all issuers are available")
            : HealthCheckResult.Degraded("no keys for: " + string.Join(", ", missing)));
    }
}

/// <summary>
/// Keeps the keys that the framework creates at start for cookies and the like in memory: the broker uses none of that. By default the
/// framework would write them to the user's home directory.
/// </summary>
// See https://learn.microsoft.com/aspnet/core/security/data-protection/configuration/default-settings
internal sealed class ForgottenKeys : IXmlRepository
{
    private readonly Lock gate = new();
    private readonly List<XElement> keys = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (gate)
            return [.. keys];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (gate)
            keys.Add(element);
    }
}
