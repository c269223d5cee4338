using System.Text.Json.Nodes;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>Signed by the sandbox's issuer here; <see cref="OwnKeyTests"/> runs the page's own lines.</summary>
internal static class OwnKey
{
    public static Platform Machine { get; } = new(
        "A key pair of one's own",
        "A key pair of your own",
        "https://machines.example",
        Platforms.Organization,
        "rack-7",
        now => new JsonObject
        {
            ["iss"] = "https://machines.example",
            ["aud"] = "https://broker.example",
            ["sub"] = "rack-7",
            ["iat"] = now,
            ["exp"] = now + 600,
            ["nbf"] = null,
            ["jti"] = null,
        },
        [
            new("another machine", claims => claims["sub"] = "laptop-7"),
            new("another key", _ => { }, AuthenticationAssertions.BadSignature) { IsByAnotherKey = true },
            new("another issuer", claims => claims["iss"] = "https://machines.example.com", AuthenticationAssertions.UnknownIssuer),
            new("no end", claims => claims["exp"] = null, AuthenticationAssertions.NotValid),
            NearMiss.AnotherAudience("https://vault.example"),
            NearMiss.TooOld(700),
        ]);
}
