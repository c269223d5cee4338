using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://github.com/spiffe/spiffe/blob/main/standards/JWT-SVID.md.</summary>
internal static class Spiffe
{
    public static Platform Workload { get; } = new(
        "SPIFFE",
        "SPIFFE",
        "https://oidc-discovery.example.org",
        Platforms.Organization,
        "spiffe://example.org/runner/vm-7",
        now => new JsonObject
        {
            ["iss"] = "https://oidc-discovery.example.org",
            ["aud"] = new JsonArray("token-broker"),
            ["sub"] = "spiffe://example.org/runner/vm-7",
            ["iat"] = now,
            ["exp"] = now + 300,
            ["nbf"] = null,
            ["jti"] = null,
        },
        [
            new("another workload", claims => claims["sub"] = "spiffe://example.org/database"),
            new("another trust domain", claims => claims["sub"] = "spiffe://example.com/runner/vm-7"),
            new("a path that goes on", claims => claims["sub"] = "spiffe://example.org/runner/vm-7/sidecar"),
            new("a SPIRE without jwt_issuer", claims => claims["iss"] = null, AuthenticationAssertions.UnknownIssuer),
            NearMiss.AnotherAudience("vault"),
            NearMiss.TooOld(400),
        ])
    {
        Algorithm = SandboxSigningKey.Es256,
    };
}
