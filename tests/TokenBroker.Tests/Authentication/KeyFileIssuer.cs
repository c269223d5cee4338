using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>An issuer that the broker knows by a file of its keys, with whatever is in it.</summary>
internal static class KeyFileIssuer
{
    public const string Issuer = "https://by-file.example";

    /// <summary>Keys on a curve, which are quick to make.</summary>
    public static SandboxSigningKey[] Create(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => SandboxSigningKey.Create(SandboxSigningKey.Es256))];

    /// <summary>A key set of these keys, each changed.</summary>
    public static string KeySet(IEnumerable<SandboxSigningKey> keys, Action<JsonObject>? change = null) => new JsonObject
    {
        ["keys"] = new JsonArray([.. keys.Select(key =>
        {
            var jwk = key.ToJwk();
            change?.Invoke(jwk);
            return jwk;
        })]),
    }.ToJsonString();

    /// <summary>The same keys without their names.</summary>
    public static string UnnamedKeySet(params SandboxSigningKey[] keys) => KeySet(keys, jwk => jwk.Remove("kid"));

    public static Task<TestBroker> StartAsync(string keys) => TestBroker.StartAsync((configuration, broker) => configuration.SetIssuer(
        "by-file", new { Issuer, JwksPath = broker.WriteFile("keys.json", keys), Audiences = new[] { "token-broker" } }));

    public static string Sign(TestBroker broker, SandboxSigningKey key, string? keyId) =>
        broker.Issuer.Sign(new { iss = Issuer }, new { kid = keyId }, key);
}
