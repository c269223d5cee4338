using System.Globalization;
using Octokit;
using TokenBroker.Caching;
using TokenBroker.Failures;
using Scope = TokenBroker.Scopes.Scope;

namespace TokenBroker.GitHub;

/// <summary>
/// Installation tokens, each narrowed to one permission and, for a repository, to that repository. They can do far more than what
/// callers get, so they are kept in memory only.
/// </summary>
internal sealed class InstallationTokens(
    GitHubAppClient app,
    Installations installations,
    GitHubIdentity identity,
    GitHubClock clock,
    SecretCacheLimits limits,
    CacheMetrics metrics,
    ILogger<SecretCache> logger) : IAsyncDisposable
{
    private readonly SecretCache tokens = new("installation-tokens", limits, clock, metrics, logger);

    /// <summary>A token for the scope; throws <see cref="FailureException"/> where GitHub gives none.</summary>
    public async Task<InstallationToken> GetAsync(Scope scope, Permission permission, CancellationToken cancellation)
    {
        var installation = (await installations.FindAsync(scope, cancellation)).Id;
        var key = string.Join('|', identity.Host, identity.App, installation, scope.Repository, permission);
        var answer = await tokens.GetAsync(key, wanted: null, token => MintAsync(installation, scope, permission, token), limits.MintDeadline, cancellation, StartPermit.Current);
        return answer.Secret is { } secret
            ? new InstallationToken(key, secret, installation, answer.Age)
            : throw new FailureException(answer.Failure!);
    }

    /// <summary>Forgets a token that GitHub refused, and the installation that it was for unless that may serve others.</summary>
    public void Forget(InstallationToken refused, Scope scope, bool withInstallation)
    {
        tokens.Drop(refused.Key, refused.Secret);
        if (withInstallation)
            installations.Forget(scope);
    }

    public ValueTask DisposeAsync() => tokens.DisposeAsync();

    private async Task<Secret> MintAsync(long installation, Scope scope, Permission permission, CancellationToken cancellation)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            try
            {
                return await RequestAsync(installation, scope.Owner, scope.Repository, permission, cancellation);
            }
            catch (ApiException refused)
            {
                if (isSecond)
                    throw new FailureException(Explain(refused, scope));

                // The id may be that of an installation that is gone, and the refusal's words do not tell why. A new look-up does, by throwing.
                // A 422 is said of the repository or the permission: whoever asks for repositories that are none costs no other its installation.
                if (refused is not ApiValidationException)
                    installations.Forget(scope);
                var found = await installations.LookUpAsync(scope, cancellation);
                if (!found.Grants(permission))
                    throw new FailureException(MissingPermission(permission));
                if (found.Id == installation)
                    throw new FailureException(Explain(refused, scope));
                installation = found.Id;
            }
        }
    }

    /// <summary>A new token that is kept nowhere, for a whole installation if no repository is named. Throws <see cref="ApiException"/> where GitHub refuses.</summary>
    // See https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
    public async Task<Secret> RequestAsync(long installation, string owner, string? repository, Permission permission, CancellationToken cancellation)
    {
        var path = new Uri(string.Create(CultureInfo.InvariantCulture, $"app/installations/{installation}/access_tokens"), UriKind.Relative);
        var permissions = new Dictionary<string, string>(StringComparer.Ordinal) { [permission.Name] = permission.Access };
        object body = repository is not null ? new { repositories = new[] { repository }, permissions } : new { permissions };
        var issued = await app.AskAsync(
            "installation-token",
            owner,
            github => github.Post<AccessToken>(path, body, AcceptHeaders.StableVersion, "application/json", cancellation),
            IssuedToken.Unreadable,
            cancellation);
        return IssuedToken.Read(issued, clock);
    }

    private static Failure Explain(ApiException refused, Scope scope)
    {
        var message = GitHubAnswer.Of(refused).Message;
        return refused is NotFoundException
            || (refused is ApiValidationException && scope.Repository is not null && message.Contains("repositor", StringComparison.OrdinalIgnoreCase))
                ? Installations.NotInstalled(scope)
                : new Failure(FailureKinds.RefusedByGitHub, message);
    }

    public static Failure MissingPermission(Permission permission) =>
        new(FailureKinds.MissingPermission, $"The GitHub App lacks the permission '{permission}'; grant it and approve it for the installation.");
}

/// <summary>An installation token in use, minted some time ago: it never leaves the broker. GitHub counts its limits by the installation.</summary>
internal sealed record InstallationToken(string Key, Secret Secret, long InstallationId, TimeSpan Age)
{
    // All of GitHub needs some seconds to learn of a new token.
    // See https://github.com/octokit/auth-app.js/issues/65
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    /// <summary>Whether a refusal may only mean that the token is too new.</summary>
    public bool IsFresh => Age < FreshFor;

    public GitHubCredential Credential => new(CredentialOf(InstallationId), GitHubCredentialKind.Installation, Secret.Value);

    /// <summary>Under which id an installation's requests are counted.</summary>
    public static string CredentialOf(long installation) => $"installation {installation}";
}
