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

/// <summary>What is allowed and unwise about issuers.</summary>
internal static class IssuerWarnings
{
    /// <summary>What is unwise about the issuers.</summary>
    public static IEnumerable<ConfigurationWarning> Find(IssuerListOptions callers) =>
        from entry in callers.Issuers
        from address in new[] { (Key: "Authority", Value: entry.Value.Authority), (Key: "JwksUri", Value: entry.Value.JwksUri) }
        where WebAddress.TryParse(address.Value, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback
        select new ConfigurationWarning(
            $"{IssuerListOptions.Section}:Issuers:{entry.Key}:{address.Key}", "its keys come by plain http; whoever is on the way can sign as any caller");
}

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

/// <summary>
/// Where the framework keeps the keys that it makes at start for cookies and the like: there are none here, so these stay in memory. By
/// itself it writes them into the user's folder.
/// </summary>
// See https://learn.microsoft.com/aspnet/core/security/data-protection/configuration/default-settings
internal sealed class ForgottenKeys : IXmlRepository
{
    private readonly Lock gate = new();
    private readonly List<XElement> keys = [];

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (gate)
            return [.. keys];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        lock (gate)
            keys.Add(element);
    }
}
