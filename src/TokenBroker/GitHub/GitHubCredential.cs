using System.Net.Http.Headers;
using TokenBroker.Auditing;

namespace TokenBroker.GitHub;

/// <summary>What a request shows to GitHub.</summary>
/// <param name="Id">What GitHub counts its limits by, and this broker remembers them under: the App, an installation, the enterprise token.</param>
/// <param name="Kind">Which of the few kinds it is.</param>
/// <param name="Authorization">The header.</param>
internal sealed record GitHubCredential(string Id, GitHubCredentialKind Kind, AuthenticationHeaderValue Authorization)
{
    /// <summary>What GitHub's audit log calls <c>hashed_token</c>; null for a JWT of the App's own, which is not in it.</summary>
    public string? TokenSha256 => Kind == GitHubCredentialKind.App ? null : TokenHash.Of(Authorization.Parameter!).Base64;

    public override string ToString() => Id;
}
