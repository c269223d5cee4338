using System.Net.Http.Headers;
using TokenBroker.Auditing;

namespace TokenBroker.GitHub;

/// <summary>What a request shows to GitHub.</summary>
/// <param name="Id">What GitHub counts its limits by, and this broker remembers them under: the App, an installation, the enterprise token.</param>
/// <param name="Kind">Which of the few kinds it is.</param>
/// <param name="Authorize">Gives the header for one attempt.</param>
internal sealed record GitHubCredential(string Id, GitHubCredentialKind Kind, Func<AuthenticationHeaderValue> Authorize)
{
    /// <summary>A credential that stays the same.</summary>
    public GitHubCredential(string id, GitHubCredentialKind kind, AuthenticationHeaderValue authorization)
        : this(id, kind, () => authorization)
    {
    }

    /// <summary>What GitHub's audit log calls <c>hashed_token</c>; null for a JWT of the App's own, which is not in it.</summary>
    public string? TokenSha256 => Kind == GitHubCredentialKind.App ? null : TokenHash.Of(Authorize().Parameter!).Base64;

    public override string ToString() => Id;
}
