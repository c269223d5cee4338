using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>Two issuers that the broker trusts, each for its own machines, whose keys have one kid.</summary>
internal sealed record IssuerPair(string Name, SandboxSigningKey VictimKey, SandboxSigningKey RogueKey, string KeyId, bool RogueIsFirst)
{
    private string Victim => $"https://victim-{Name}.example";

    private string Rogue => $"https://rogue-{Name}.example";

    public static IssuerPair Create(
        string victim,
        string rogue,
        bool rogueIsFirst,
        Func<SandboxSigningKey, SandboxSigningKey, string> keyId)
    {
        var (victimKey, rogueKey) = (SandboxSigningKey.Create(victim), SandboxSigningKey.Create(rogue));
        return new IssuerPair(Guid.NewGuid().ToString("N"), victimKey, rogueKey, keyId(victimKey, rogueKey), rogueIsFirst);
    }

    /// <summary>The name by which the library knows the key itself.</summary>
    // See https://www.rfc-editor.org/rfc/rfc7638
    public static string ThumbprintOf(SandboxSigningKey key) =>
        Base64UrlEncoder.Encode(new JsonWebKey(key.ToJwk().ToJsonString()).ComputeJwkThumbprint());

    public void Configure(JsonObject configuration, TestBroker broker)
    {
        Add(Victim, VictimKey);
        Add(Rogue, RogueKey);

        void Add(string issuer, SandboxSigningKey key)
        {
            var name = new Uri(issuer).Host;
            var jwk = key.ToJwk();
            jwk["kid"] = KeyId;
            var path = broker.WriteFile(name + ".json", new JsonObject { ["keys"] = new JsonArray(jwk) }.ToJsonString());
            configuration.SetIssuer(name, new { Issuer = issuer, JwksPath = path, Audiences = new[] { "token-broker" } });
        }
    }

    /// <summary>Holds that both are served with their own keys.</summary>
    public async Task ServeAsync(TestBroker broker)
    {
        await broker.IsServedAsync(Sign(broker, Victim, VictimKey));
        await broker.IsServedAsync(Sign(broker, Rogue, RogueKey));
    }

    /// <summary>Holds that neither is served with the other's.</summary>
    public async Task ForgeAsync(TestBroker broker)
    {
        await broker.IsRefusedAsync(Sign(broker, Victim, RogueKey), AuthenticationAssertions.BadSignature);
        await broker.IsRefusedAsync(Sign(broker, Rogue, VictimKey), AuthenticationAssertions.BadSignature);
    }

    private string Sign(TestBroker broker, string issuer, SandboxSigningKey key) =>
        broker.Issuer.Sign(new { iss = issuer }, new { kid = KeyId }, key);
}
