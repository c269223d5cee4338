using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Caching;

/// <summary>
/// A token's SHA-256 in base64, as GitHub's audit log has it under <c>hashed_token</c>. It tells which token it was, and opens nothing:
/// tokens are far too long to be guessed.
/// </summary>
// See https://docs.github.com/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/identifying-audit-log-events-performed-by-an-access-token
internal readonly record struct TokenHash(string Base64)
{
    public static TokenHash Of(string token) => new(Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token))));

    public override string ToString() => Base64;
}
