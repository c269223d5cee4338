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

/// <summary>The keys that an issuer's JWTs may be signed with, and those of them that one JWT is checked with.</summary>
internal sealed class KeySet
{
    /// <summary>How many keys of an issuer are used; the rest is left out.</summary>
    public const int MostKeys = 64;

    // Every key that is tried costs a check of the signature, whoever asks.
    private const int MostTried = 4;

    private readonly bool namesKeys;

    /// <param name="usable">All keys of the set that a JWT may be signed with.</param>
    public KeySet(IReadOnlyCollection<SecurityKey> usable)
    {
        Keys = [.. usable.Take(MostKeys)];
        LeftOut = usable.Count - Keys.Count;
        namesKeys = Keys.Any(key => key.KeyId is { Length: > 0 });
    }

    /// <summary>The keys.</summary>
    public IReadOnlyList<SecurityKey> Keys { get; }

    /// <summary>How many there were beside them.</summary>
    public int LeftOut { get; }

    /// <summary>
    /// The keys to check a JWT with: those that it names, or a few of the right type where it names none. A set whose keys have no names
    /// serves a JWT that names one if only one key can be meant.
    /// </summary>
    public IReadOnlyList<SecurityKey> For(string? keyId, string? algorithm)
    {
        var fitting = Fitting(algorithm);
        if (keyId is { Length: > 0 })
            fitting = namesKeys ? fitting.FindAll(key => key.KeyId == keyId) : fitting.Count == 1 ? fitting : [];
        return fitting.Count <= MostTried ? fitting : [];
    }

    /// <summary>Whether a JWT that names this key is decided by these keys: a later version of the set may hold one that these do not know.</summary>
    public bool Decides(string? keyId, string? algorithm) =>
        string.IsNullOrEmpty(keyId) || (namesKeys ? IsNamed(keyId) : Fitting(algorithm).Count > 0);

    /// <summary>Why there is no key to check a JWT with, for the log.</summary>
    public string Missing(string? keyId, string? algorithm) => Fitting(algorithm).Count switch
    {
        0 => $"the issuer has no key for {algorithm}",
        var count when string.IsNullOrEmpty(keyId) || !namesKeys => $"the issuer has {count} keys for {algorithm}, and nothing says which one is meant",
        _ when IsNamed(keyId) => $"the key that it names is none for {algorithm}, or one of many",
        _ => "it names a key that the issuer does not publish",
    };

    private bool IsNamed(string keyId) => Keys.Any(key => key.KeyId == keyId);

    private List<SecurityKey> Fitting(string? algorithm) => [.. Keys.Where(key => SigningKeys.Fits(key, algorithm))];
}
