using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Tests.Authentication;

/// <summary>Signs any text as a JWT by hand, as no library would, with keys that the broker knows from a file.</summary>
internal sealed class RawJwtSigner : IDisposable
{
    public const string Issuer = "https://by-hand.example";
    public const string RsaKeyId = "hand-rsa";

    private readonly RSA rsa = RSA.Create(2048);
    private readonly Dictionary<string, ECDsa> curves = new(StringComparer.Ordinal)
    {
        ["ES256"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["ES384"] = ECDsa.Create(ECCurve.NamedCurves.nistP384),
        ["ES512"] = ECDsa.Create(ECCurve.NamedCurves.nistP521),
    };

    /// <summary>All public keys as a key set.</summary>
    public string KeySet => new JsonObject
    {
        ["keys"] = new JsonArray([RsaJwk(), .. curves.Select(curve => (JsonNode)CurveJwk(curve.Key, curve.Value))]),
    }.ToJsonString();

    /// <summary>A payload that is in order, with changes written as JSON after its members.</summary>
    public static string Payload(string more = "", TimeProvider? clock = null)
    {
        var now = (clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        return $$"""{"iss":"{{Issuer}}","aud":"token-broker","sub":"vm-1","iat":{{now}},"exp":{{now + 600}}{{more}}}""";
    }

    public static string Header(string algorithm = "RS256", string more = "") =>
        $$"""{"alg":"{{algorithm}}","typ":"JWT","kid":"{{(algorithm.StartsWith("ES",
            StringComparison.Ordinal) ? algorithm : RsaKeyId)}}"{{more}}}""";

    /// <summary>Signs header and payload, both whatever text they are.</summary>
    public string Sign(string payload, string? header = null, string algorithm = "RS256") =>
        Sign(Encoding.UTF8.GetBytes(payload), header, algorithm);

    public string Sign(byte[] payload, string? header = null, string algorithm = "RS256") =>
        SignEncoded(Base64UrlEncoder.Encode(payload), header, algorithm);

    /// <summary>Signs a payload part that stands as it is.</summary>
    public string SignEncoded(string payload, string? header = null, string algorithm = "RS256")
    {
        var content = Base64UrlEncoder.Encode(header ?? Header(algorithm)) + "." + payload;
        return content + "." + Base64UrlEncoder.Encode(Signature(Encoding.UTF8.GetBytes(content), algorithm));
    }

    public void Dispose()
    {
        rsa.Dispose();
        foreach (var curve in curves.Values)
            curve.Dispose();
    }

    private byte[] Signature(byte[] content, string algorithm)
    {
        var hash = new HashAlgorithmName("SHA" + algorithm[2..]);
        return algorithm[..2] switch
        {
            "RS" => rsa.SignData(content, hash, RSASignaturePadding.Pkcs1),
            "PS" => rsa.SignData(content, hash, RSASignaturePadding.Pss),
            _ => curves[algorithm].SignData(content, hash),
        };
    }

    private JsonObject RsaJwk()
    {
        var key = rsa.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = RsaKeyId,
            ["n"] = Base64UrlEncoder.Encode(key.Modulus),
            ["e"] = Base64UrlEncoder.Encode(key.Exponent),
        };
    }

    private static JsonObject CurveJwk(string algorithm, ECDsa curve)
    {
        var key = curve.ExportParameters(includePrivateParameters: false);
        var name = algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" };
        return new JsonObject
        {
            ["kty"] = "EC",
            ["use"] = "sig",
            ["kid"] = algorithm,
            ["crv"] = name,
            ["x"] = Base64UrlEncoder.Encode(key.Q.X),
            ["y"] = Base64UrlEncoder.Encode(key.Q.Y),
        };
    }
}
