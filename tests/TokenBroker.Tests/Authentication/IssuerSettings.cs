using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>Adds issuers to the sandbox's configuration as an operator writes them.</summary>
internal static class IssuerSettings
{
    /// <summary>Adds an issuer, or changes one, and lets its machines have the tokens of one scope.</summary>
    public static void SetIssuer(this JsonObject configuration, string name, object settings, string scope = "orgs/octo-org")
    {
        configuration["Authentication"]!["Issuers"]![name] = JsonSerializer.SerializeToNode(settings);
        configuration["Authorization"]!["Policies"]!["policy-of-" + name] = JsonSerializer.SerializeToNode(new
        {
            Issuer = name,
            Claims = new[] { new { Claim = "sub", Matches = new[] { "vm-*" } } },
            Scopes = new[] { scope },
            Operations = new[] { "registration-token" },
        });
    }

    /// <summary>Adds an issuer that is found by discovery.</summary>
    public static void SetDiscovered(this JsonObject configuration, string name, SandboxIssuer issuer, string scope = "orgs/octo-org") =>
        configuration.SetIssuer(
            name,
            new { Authority = issuer.AddressText(), Audiences = new[] { issuer.Audience }, RequireHttpsMetadata = false },
            scope);

    /// <summary>Changes one setting of the sandbox's own issuer.</summary>
    public static void Set(this JsonObject configuration, string key, JsonNode? value) =>
        configuration["Authentication"]!["Issuers"]!["sandbox"]![key] = value;

    public static string AddressText(this SandboxIssuer issuer) => issuer.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>A second issuer. Keys on a curve are quick to make.</summary>
    public static Task<SandboxIssuer> StartAnotherAsync(
        TimeProvider? clock = null,
        string? issuer = null,
        string audience = "token-broker") =>
        SandboxIssuer.StartAsync(new SandboxIssuerOptions
        {
            Algorithm = SandboxSigningKey.Es256,
            TimeProvider = clock ?? TimeProvider.System,
            Issuer = issuer,
            Audience = audience,
        });
}
