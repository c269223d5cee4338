using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Sandbox.Issuer;

/// <summary>A key that tokens are signed with. It may be shared by parallel tests.</summary>
public sealed class SandboxSigningKey
{
    /// <summary>RSA with SHA-256.</summary>
    public const string Rs256 = SecurityAlgorithms.RsaSha256;

    /// <summary>ECDSA on P-256 with SHA-256.</summary>
    public const string Es256 = SecurityAlgorithms.EcdsaSha256;

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    public const string Es384 = SecurityAlgorithms.EcdsaSha384;

    private const int RsaBits = 2048;

    private readonly RSAParameters? rsa;
    private readonly ECParameters? ec;

    private SandboxSigningKey(string keyId, string algorithm, RSAParameters? rsa, ECParameters? ec)
    {
        KeyId = keyId;
        Algorithm = algorithm;
        this.rsa = rsa;
        this.ec = ec;
    }

    public string KeyId { get; }

    public string Algorithm { get; }

    public static SandboxSigningKey Create(string algorithm = Rs256, string? keyId = null)
    {
        keyId ??= Guid.NewGuid().ToString("N");
        switch (algorithm)
        {
            case Rs256:
                using (var made = RSA.Create(RsaBits))
                    return new SandboxSigningKey(keyId, algorithm, made.ExportParameters(includePrivateParameters: true), ec: null);
            case Es256 or Es384:
                using (var made = ECDsa.Create(algorithm == Es256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384))
                    return new SandboxSigningKey(keyId, algorithm, rsa: null, made.ExportParameters(includePrivateParameters: true));
            default:
                throw new ArgumentException($"The algorithm must be {Rs256}, {Es256} or {Es384}, not {algorithm}.", nameof(algorithm));
        }
    }

    /// <summary>The public half as a JSON Web Key.</summary>
    public JsonObject ToJwk()
    {
        var jwk = new JsonObject { ["kid"] = KeyId, ["use"] = "sig", ["alg"] = Algorithm };
        if (rsa is { } parameters)
        {
            jwk["kty"] = "RSA";
            jwk["n"] = Base64UrlEncoder.Encode(parameters.Modulus);
            jwk["e"] = Base64UrlEncoder.Encode(parameters.Exponent);
        }
        else
        {
            jwk["kty"] = "EC";
            jwk["crv"] = Algorithm == Es256 ? "P-256" : "P-384";
            jwk["x"] = Base64UrlEncoder.Encode(ec!.Value.Q.X);
            jwk["y"] = Base64UrlEncoder.Encode(ec.Value.Q.Y);
        }

        return jwk;
    }

    /// <summary>The public half as PEM, for forgeries that use it as a shared secret.</summary>
    public string ToPublicPem()
    {
        if (rsa is { } parameters)
        {
            using var key = RSA.Create(parameters);
            return key.ExportSubjectPublicKeyInfoPem();
        }

        using var curve = ECDsa.Create(ec!.Value);
        return curve.ExportSubjectPublicKeyInfoPem();
    }

    internal SandboxSigningKey Named(string keyId) => new(keyId, Algorithm, rsa, ec);

    internal string Sign(JsonObject header, JsonObject payload)
    {
        if (rsa is { } parameters)
            return CompactToken.Sign(header, payload, new SigningCredentials(new RsaSecurityKey(parameters), Algorithm));

        // One a signature: an ECDsa object is not to be used by two threads at once.
        using var curve = ECDsa.Create(ec!.Value);
        return CompactToken.Sign(header, payload, new SigningCredentials(new ECDsaSecurityKey(curve), Algorithm));
    }
}
