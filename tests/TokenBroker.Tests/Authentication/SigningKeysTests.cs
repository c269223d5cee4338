using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Authentication;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>What a key set holds beside its keys, and for how long.</summary>
public sealed class SigningKeysTests
{
    [Fact]
    public void Every_key_set_keeps_its_own_verifiers()
    {
        var json = KeySet(SandboxSigningKey.Create(SandboxSigningKey.Es256), SandboxSigningKey.Create());
        var (former, present) = (SigningKeys.Parse(json).Keys, SigningKeys.Parse(json).Keys);

        Assert.Same(former[0].CryptoProviderFactory, former[1].CryptoProviderFactory);
        Assert.NotSame(former[0].CryptoProviderFactory, present[0].CryptoProviderFactory);
        Assert.NotSame(CryptoProviderFactory.Default, present[0].CryptoProviderFactory);
        Assert.Same(Verifier(present[0]), Verifier(present[0]));
        Assert.NotSame(Verifier(former[0]), Verifier(present[0]));
    }

    [Fact]
    public void Keys_that_change_a_thousand_times_leave_nothing_behind()
    {
        var former = Enumerable.Range(0, 1_000).Select(_ => UseOnce()).ToList();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.All(former, verifier => Assert.False(verifier.IsAlive));
    }

    [Theory]
    [InlineData("RSA", null)]
    [InlineData("RSA", "its-own")]
    [InlineData("EC", null)]
    [InlineData("EC", "its-own")]
    public void A_key_with_its_certificate_beside_it_is_one(string type, string? keyId)
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = type == "RSA"
            ? new CertificateRequest("CN=issuer", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=issuer", curve, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        var jwk = JsonSerializer.SerializeToNode(type == "RSA"
            ? JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(rsa.ExportParameters(includePrivateParameters: false)))
            : JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(curve)))!.AsObject();
        foreach (var name in jwk.Select(member => member.Key)
            .Where(name => name is not ("kty" or "n" or "e" or "crv" or "x" or "y"))
            .ToList())
            jwk.Remove(name);
        jwk["kid"] = keyId;
        jwk["x5c"] = new JsonArray(Convert.ToBase64String(certificate.RawData));

        var keys = SigningKeys.Parse(new JsonObject { ["keys"] = new JsonArray(jwk) }.ToJsonString());
        Assert.Single(keys.Keys);
        Assert.Single(keys.For("its-own", type == "RSA" ? "RS256" : "ES256"));
        Assert.Equal(keyId is null ? 1 : 0, keys.For("another", type == "RSA" ? "PS512" : "ES256").Count);
        Assert.Empty(keys.For("its-own", type == "RSA" ? "ES256" : "ES384"));
    }

    // Apart from the test, whose frame would keep the last one alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseOnce()
    {
        var verifier = Verifier(SigningKeys.Parse(KeySet(SandboxSigningKey.Create(SandboxSigningKey.Es256, "same-kid"))).Keys[0]);
        Assert.False(verifier.Verify(Encoding.ASCII.GetBytes("content"), new byte[64]));
        return new WeakReference(verifier);
    }

    private static SignatureProvider Verifier(SecurityKey key) =>
        key.CryptoProviderFactory.CreateForVerifying(key, SecurityAlgorithms.EcdsaSha256);

    private static string KeySet(params SandboxSigningKey[] keys) =>
        new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.ToJwk())]) }.ToJsonString();
}
