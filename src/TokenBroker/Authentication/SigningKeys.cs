using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>Selects the keys of a key set that may verify callers' JWTs: asymmetric keys of sufficient length.</summary>
internal static class SigningKeys
{
    private const int FewestRsaBits = 2048;

    /// <summary>The accepted algorithms: not <c>none</c>, and no symmetric ones, whose key every reader of a key set would hold.</summary>
    public static readonly IReadOnlySet<string> Algorithms = new HashSet<string>(StringComparer.Ordinal)
    {
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    };

    /// <summary>Parses a key set (RFC 7517); throws <see cref="FormatException"/> if it is not valid or holds no usable key.</summary>
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

    /// <summary>Leaves out the keys that no JWT may be signed with; throws <see cref="FormatException"/> if none is left.</summary>
    public static KeySet Usable(IEnumerable<SecurityKey> keys)
    {
        var usable = WithoutTwins([.. keys.Where(IsUsable)]);

        // Each key set caches its own verifiers, so that no other issuer's key can take their place, whatever its name, and they are freed
        // with the set. The library's default factory serves the whole process and finds verifiers by a key's thumbprint (SHA-1 for
        // certificates).
        var verifiers = new CryptoProviderFactory();
        usable.ForEach(key => key.CryptoProviderFactory = verifiers);
        return usable.Count > 0 ? new KeySet(usable) : throw new FormatException("holds no asymmetric signing key");
    }

    /// <summary>Whether the key can verify signatures by this algorithm.</summary>
    public static bool Fits(SecurityKey key, string? algorithm) => CurveOf(key)?.KeySize == algorithm switch
    {
        SecurityAlgorithms.EcdsaSha256 => 256,
        SecurityAlgorithms.EcdsaSha384 => 384,
        SecurityAlgorithms.EcdsaSha512 => 521,
        _ => null,
    };

    // The library reads a key with its certificate as two keys.
    // See https://www.rfc-editor.org/rfc/rfc7517#section-4.7
    private static List<SecurityKey> WithoutTwins(List<SecurityKey> keys)
    {
        var plain = keys.Where(key => key is not X509SecurityKey).Select(ThumbprintOf).ToHashSet(StringComparer.Ordinal);
        return keys.FindAll(key => key is not X509SecurityKey || !plain.Contains(ThumbprintOf(key)));
    }

    private static string ThumbprintOf(SecurityKey key)
    {
        var plain = key is X509SecurityKey { PublicKey: ECDsa curve } ? new ECDsaSecurityKey(curve) : key;
        return Convert.ToBase64String(plain.ComputeJwkThumbprint());
    }

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

/// <summary>An issuer's signing keys, and the choice among them for one JWT.</summary>
internal sealed class KeySet
{
    /// <summary>How many keys of an issuer are used; the rest are ignored.</summary>
    public const int MostKeys = 64;

    // Any client can send JWTs, and each key that is tried costs a signature check.
    private const int MostTried = 4;

    private readonly bool namesKeys;

    public KeySet(IReadOnlyCollection<SecurityKey> usable)
    {
        Keys = [.. usable.Take(MostKeys)];
        LeftOut = usable.Count - Keys.Count;
        namesKeys = Keys.Any(key => key.KeyId is { Length: > 0 });
    }

    public IReadOnlyList<SecurityKey> Keys { get; }

    /// <summary>How many usable keys the set has beyond <see cref="MostKeys"/>.</summary>
    public int LeftOut { get; }

    /// <summary>
    /// The keys to verify a JWT with: those that it names, or a few of the right type if it names none. If the set's keys have no names, a
    /// JWT that names one is still accepted if exactly one key has the right type.
    /// </summary>
    public IReadOnlyList<SecurityKey> For(string? keyId, string? algorithm)
    {
        var fitting = Fitting(algorithm);
        if (keyId is { Length: > 0 })
            fitting = namesKeys ? fitting.FindAll(key => key.KeyId == keyId) : fitting.Count == 1 ? fitting : [];
        return fitting.Count <= MostTried ? fitting : [];
    }

    /// <summary>Whether these keys suffice to judge a JWT that names this key; otherwise a newer set may hold the key.</summary>
    public bool Decides(string? keyId, string? algorithm) =>
        string.IsNullOrEmpty(keyId) || (namesKeys ? IsNamed(keyId) : Fitting(algorithm).Count > 0);

    /// <summary>Why no key is fit to verify a JWT, for the log.</summary>
    public string Missing(string? keyId, string? algorithm) => Fitting(algorithm).Count switch
    {
        0 => $"the issuer has no key for {algorithm}",
        var count when string.IsNullOrEmpty(keyId) || !namesKeys =>
            $"the issuer has {count} keys for {algorithm}, and the JWT does not determine which one to use",
        _ when IsNamed(keyId) => $"the key that it names is not for {algorithm}, or too many keys have that name",
        _ => "it names a key that the issuer does not publish",
    };

    private bool IsNamed(string keyId) => Keys.Any(key => key.KeyId == keyId);

    private List<SecurityKey> Fitting(string? algorithm) => [.. Keys.Where(key => SigningKeys.Fits(key, algorithm))];
}
