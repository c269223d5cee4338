using System.Text.Json.Nodes;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>See https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference.</summary>
internal static class Azure
{
    private const string Tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
    private const string AnotherTenant = "ffff9999-8888-7777-6666-555544443333";
    private const string Identity = "11112222-bbbb-3333-cccc-4444dddd5555";
    private const string Application = "22223333-cccc-4444-dddd-5555eeee6666";

    public static Platform Version2 { get; } = Of(
        "Azure, version 2",
        tenant => $"https://login.microsoftonline.com/{tenant}/v2.0",
        new JsonObject { ["aud"] = "00001111-aaaa-2222-bbbb-3333cccc4444", ["azp"] = Application, ["azpacr"] = "2", ["ver"] = "2.0" });

    public static Platform Version1 { get; } = Of(
        "Azure, version 1",
        tenant => $"https://sts.windows.net/{tenant}/",
        new JsonObject
        {
            ["aud"] = "api://00001111-aaaa-2222-bbbb-3333cccc4444",
            ["appid"] = Application,
            ["appidacr"] = "2",
            ["idp"] = $"https://sts.windows.net/{Tenant}/",
            ["ver"] = "1.0",
        });

    private static Platform Of(string name, Func<string, string> issuer, JsonObject version) => new(
        name,
        "Azure managed identity",
        issuer(Tenant),
        Platforms.Organization,
        $"{Tenant}|{Identity}",
        now => Merge(version, new JsonObject
        {
            ["iss"] = issuer(Tenant),
            ["sub"] = Identity,
            ["oid"] = Identity,
            ["tid"] = Tenant,
            ["roles"] = new JsonArray("Runner.Register"),
            ["uti"] = "AbCdEfGhIjKlMnOpQrStAA",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 86400,
            ["jti"] = null,
        }),
        [
            new("another tenant", claims =>
            {
                claims["iss"] = issuer(AnotherTenant);
                claims["tid"] = AnotherTenant;
            }, AuthenticationAssertions.UnknownIssuer),
            new("a guest of another tenant", claims => claims["tid"] = AnotherTenant),
            new("an identity without the role", claims => claims.Remove("roles")),
            new("an identity with another role", claims => claims["roles"] = new JsonArray("Reports.Read")),
            new("the other form of the address", claims => claims["iss"] = issuer(Tenant).TrimEnd('/') + (issuer(Tenant).EndsWith('/')
                ? ""
                : "/"), AuthenticationAssertions.UnknownIssuer),
            NearMiss.AnotherAudience("https://management.azure.com/"),
        ]);

    private static JsonObject Merge(JsonObject version, JsonObject claims)
    {
        foreach (var (name, value) in version)
            claims[name] = value?.DeepClone();
        return claims;
    }
}
