using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

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
