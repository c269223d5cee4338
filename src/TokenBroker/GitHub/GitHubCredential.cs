using TokenBroker.Caching;

namespace TokenBroker.GitHub;

/// <summary>What a request shows to GitHub.</summary>
/// <param name="Id">What GitHub counts its limits by, and this broker remembers them under: the App, an installation, the enterprise token.</param>
/// <param name="Kind">Which of the few kinds it is.</param>
/// <param name="Token">Gives the token for one attempt.</param>
internal sealed record GitHubCredential(string Id, GitHubCredentialKind Kind, Func<string> Token)
{
    /// <summary>A credential that stays the same.</summary>
    public GitHubCredential(string id, GitHubCredentialKind kind, string token)
        : this(id, kind, () => token)
    {
    }

    /// <summary>What GitHub's audit log calls <c>hashed_token</c>; null for a JWT of the App's own, which is not in it.</summary>
    public string? TokenSha256 => Kind == GitHubCredentialKind.App ? null : TokenHash.Of(Token()).Base64;

    public override string ToString() => Id;
}

/// <summary>The kinds of credential that the broker shows to GitHub.</summary>
internal enum GitHubCredentialKind
{
    /// <summary>A JWT of the App itself.</summary>
    App,

    /// <summary>A token of one installation of the App.</summary>
    Installation,

    /// <summary>The enterprise token.</summary>
    Enterprise,
}
