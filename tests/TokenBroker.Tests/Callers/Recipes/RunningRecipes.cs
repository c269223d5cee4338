using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>
/// Brokers that run the page's configurations, one a platform. Only where keys come from is another place than on the page, which the
/// tests cannot reach: the issuer's name, and so every <c>iss</c>, stays the platform's.
/// </summary>
public sealed class RunningRecipes : IAsyncDisposable
{
    private readonly Dictionary<string, Task<TestBroker>> brokers = new(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in brokers.Values)
            await (await broker).DisposeAsync();
    }

    internal Task<TestBroker> StartAsync(Platform platform)
    {
        if (!brokers.TryGetValue(platform.Name, out var broker))
            brokers[platform.Name] = broker = StartNewAsync(platform);
        return broker;
    }

    private static Task<TestBroker> StartNewAsync(Platform platform) => TestBroker.StartAsync((configuration, broker) =>
    {
        if (platform.Algorithm != broker.Issuer.SigningKey.Algorithm)
            broker.Issuer.RotateKeys(key: SandboxSigningKey.Create(platform.Algorithm));
        var recipe = CallersPage.Configuration(platform.Heading);
        foreach (var (_, issuer) in recipe["Authentication"]!["Issuers"]!.AsObject())
            PointToSandbox(issuer!.AsObject(), broker);
        configuration["Authentication"] = recipe["Authentication"]!.DeepClone();
        configuration["Authorization"] = recipe["Authorization"]!.DeepClone();
    }, new ManualClock());

    private static void PointToSandbox(JsonObject issuer, TestBroker broker)
    {
        if (issuer["Authority"] is { } authority)
        {
            issuer["Issuer"] ??= authority.DeepClone();
            issuer["Authority"] = broker.Issuer.AddressText();
            issuer["RequireHttpsMetadata"] = false;
        }

        if (issuer.ContainsKey("JwksUri"))
        {
            issuer["JwksUri"] = broker.Issuer.KeysAddress.ToString();
            issuer["RequireHttpsMetadata"] = false;
        }

        if (issuer.ContainsKey("JwksPath"))
            issuer["JwksPath"] = broker.WriteFile(
                "jwks.json",
                new JsonObject { ["keys"] = new JsonArray(broker.Issuer.SigningKey.ToJwk()) }.ToJsonString());
        if (issuer.ContainsKey("CaCertificatePath"))
            issuer["CaCertificatePath"] = broker.WriteFile("ca.crt", Authority());
        if (issuer.ContainsKey("BackchannelTokenPath"))
            issuer["BackchannelTokenPath"] = broker.WriteFile("token", "the-pods-own-token");
    }

    private static string Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=cluster", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.ExportCertificatePem();
    }
}
