using System.Net.Http.Headers;
using TokenBroker.Caching;

namespace TokenBroker.GitHub;

/// <summary>An installation token in use: it never leaves the broker.</summary>
/// <param name="Key">Its key in the cache.</param>
/// <param name="Secret">The token.</param>
/// <param name="InstallationId">Whose it is; GitHub counts its limits by the installation.</param>
/// <param name="Age">How long ago it was minted.</param>
internal sealed record InstallationToken(string Key, Secret Secret, long InstallationId, TimeSpan Age)
{
    // All of GitHub needs some seconds to learn of a new token.
    // See https://github.com/octokit/auth-app.js/issues/65
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    /// <summary>Whether a refusal may only mean that the token is too new.</summary>
    public bool IsFresh => Age < FreshFor;

    public GitHubCredential Credential => new(CredentialOf(InstallationId), GitHubCredentialKind.Installation, new AuthenticationHeaderValue("Bearer", Secret.Value));

    /// <summary>Under which id an installation's requests are counted.</summary>
    public static string CredentialOf(long installation) => $"installation {installation}";
}
