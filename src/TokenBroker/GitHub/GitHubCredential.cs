using System.Net.Http.Headers;

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

    public override string ToString() => Id;
}
