using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>An issuer's keys as they were when they were last read.</summary>
/// <param name="Issuer">The exact <c>iss</c> that its JWTs must carry.</param>
/// <param name="Keys">Its signing keys.</param>
/// <param name="ReadAt">When, as a timestamp of the clock.</param>
internal sealed record KeySnapshot(string Issuer, IReadOnlyList<SecurityKey> Keys, long ReadAt)
{
    /// <summary>Whether a JWT that names this key can be checked; one that names none may be tried with all.</summary>
    public bool Knows(string? keyId) => string.IsNullOrEmpty(keyId) || Keys.Any(key => key.KeyId == keyId);

    /// <summary>The keys to check a JWT with.</summary>
    public IEnumerable<SecurityKey> For(string? keyId) => string.IsNullOrEmpty(keyId) ? Keys : Keys.Where(key => key.KeyId == keyId);
}
