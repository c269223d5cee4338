using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>The keys of a key set that callers' JWTs may be signed with: asymmetric ones, and not too short.</summary>
internal static class SigningKeys
{
    private const int FewestRsaBits = 2048;

    /// <summary>The algorithms that are accepted: no symmetric one, whose key every reader of a published key set would hold, and not <c>none</c>.</summary>
    public static readonly IReadOnlySet<string> Algorithms = new HashSet<string>(StringComparer.Ordinal)
    {
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    };

    /// <summary>Reads a key set (RFC 7517); throws <see cref="FormatException"/> where it is none or holds no usable key.</summary>
    public static KeySet Parse(string json)
    {
        try
        {
            return Usable(new JsonWebKeySet(json).GetSigningKeys());
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or InvalidOperationException)
        {
            throw new FormatException("is not a JSON Web Key Set");
        }
    }

    /// <summary>Leaves out what no JWT may be signed with; throws <see cref="FormatException"/> if nothing is left.</summary>
    public static KeySet Usable(IEnumerable<SecurityKey> keys)
    {
        var usable = WithoutTwins([.. keys.Where(IsUsable)]);

        // Verifiers are kept with the key set that they are of: no other issuer's key can be found in their place, whatever it is named, and
        // they go when the set goes. The library's own factory is one for the process, and finds them by a key's thumbprint (SHA-1 for certificates).
        var verifiers = new CryptoProviderFactory();
        usable.ForEach(key => key.CryptoProviderFactory = verifiers);
        return usable.Count > 0 ? new KeySet(usable) : throw new FormatException("holds no asymmetric signing key");
    }

    /// <summary>Whether a signature by this algorithm can be the key's.</summary>
    public static bool Fits(SecurityKey key, string? algorithm) => CurveOf(key)?.KeySize == algorithm switch
    {
        SecurityAlgorithms.EcdsaSha256 => 256,
        SecurityAlgorithms.EcdsaSha384 => 384,
        SecurityAlgorithms.EcdsaSha512 => 521,
        _ => null,
    };

    // The library reads a key that has its certificate beside it as two.
    // See https://www.rfc-editor.org/rfc/rfc7517#section-4.7
    private static List<SecurityKey> WithoutTwins(List<SecurityKey> keys)
    {
        var plain = keys.Where(key => key is not X509SecurityKey).Select(ThumbprintOf).ToHashSet(StringComparer.Ordinal);
        return keys.FindAll(key => key is not X509SecurityKey || !plain.Contains(ThumbprintOf(key)));
    }

    private static string ThumbprintOf(SecurityKey key) =>
        Convert.ToBase64String((key is X509SecurityKey { PublicKey: ECDsa curve } ? new ECDsaSecurityKey(curve) : key).ComputeJwkThumbprint());

    private static ECDsa? CurveOf(SecurityKey key) => key switch
    {
        ECDsaSecurityKey curve => curve.ECDsa,
        X509SecurityKey certificate => certificate.PublicKey as ECDsa,
        _ => null,
    };

    private static bool IsUsable(SecurityKey key) => key switch
    {
        RsaSecurityKey rsa => rsa.KeySize >= FewestRsaBits,
        X509SecurityKey certificate => certificate.KeySize >= FewestRsaBits || certificate.PublicKey is ECDsa,
        ECDsaSecurityKey => true,
        _ => false,
    };
}
