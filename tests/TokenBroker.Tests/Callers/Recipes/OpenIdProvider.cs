using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://www.rfc-editor.org/rfc/rfc9068. tests/conformance runs a provider that others wrote.</summary>
internal static class OpenIdProvider
{
    public static Platform Client { get; } = new(
        "Another OpenID provider",
        "Another OpenID provider",
        "https://login.example",
        Platforms.Organization,
        "runner-7",
        now => new JsonObject
        {
            ["iss"] = "https://login.example",
            ["aud"] = "https://broker.example",
            ["sub"] = "runner-7",
            ["client_id"] = "runner-7",
            ["iat"] = now,
            ["exp"] = now + 300,
            ["nbf"] = null,
            ["jti"] = "Zr4nUjY1nHfCYwqD4yZ0g",
        },
        [
            new("another client", claims => claims["client_id"] = "reports"),
            new("a user of the same name, by another client", claims => claims["client_id"] = "portal"),
            NearMiss.AnotherAudience("https://api.example"),
            NearMiss.TooOld(400),
        ])
    {
        Type = "at+jwt",
    };
}
