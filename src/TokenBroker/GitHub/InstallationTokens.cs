using System.Globalization;
using Octokit;
using TokenBroker.Caching;
using TokenBroker.Failures;
using Scope = TokenBroker.Scopes.Scope;

namespace TokenBroker.GitHub;

/// <summary>
/// Installation tokens, each limited to one permission and, for a repository, to that repository. They are far more powerful than the
/// tokens that callers get, so they are kept in memory only.
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

    /// <summary>A token for the scope; throws <see cref="FailureException"/> if GitHub refuses one.</summary>
    public async Task<InstallationToken> GetAsync(Scope scope, Permission permission, CancellationToken cancellation)
    {
        var installation = (await installations.FindAsync(scope, cancellation)).Id;
        var key = string.Join('|', identity.Host, identity.App, installation, scope.Repository, permission);
        var answer = await tokens.GetAsync(
            key,
            wanted: null,
            token => MintAsync(installation, scope, permission, token),
            limits.MintDeadline,
            cancellation,
            StartPermit.Current);
        return answer.Secret is { } secret
            ? new InstallationToken(key, secret, installation, answer.Age)
            : throw new FailureException(answer.Failure!);
    }

    /// <summary>Forgets a token that GitHub refused and, where asked, its installation.</summary>
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

                // The installation may be gone; the refusal does not say, but a new lookup does, by throwing.
                // A 422 concerns the repository or the permission: requests for missing repositories must not evict the owner's
                // installation.
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

    /// <summary>
    /// A new token that is not cached, for the whole installation if no repository is named. Throws <see cref="ApiException"/> if GitHub
    /// refuses.
    /// </summary>
    // See https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
    public async Task<Secret> RequestAsync(
        long installation,
        string owner,
        string? repository,
        Permission permission,
        CancellationToken cancellation)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"app/installations/{installation}/access_tokens");
        var path = new Uri(address, UriKind.Relative);
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
        var message = GitHubAnswer.FromException(refused).Message;
        return refused is NotFoundException
            || (refused is ApiValidationException
                && scope.Repository is not null
                && message.Contains("repositor", StringComparison.OrdinalIgnoreCase))
                ? Installations.NotInstalled(scope)
                : new Failure(FailureKinds.RefusedByGitHub, message);
    }

    public static Failure MissingPermission(Permission permission) =>
        new(
            FailureKinds.MissingPermission,
            $"The GitHub App lacks the permission '{permission}'; grant it and approve it for the installation.");
}

/// <summary>An installation token with its age. It never leaves the broker. GitHub counts its limits per installation.</summary>
internal sealed record InstallationToken(string Key, Secret Secret, long InstallationId, TimeSpan Age)
{
    // A new token takes some seconds to reach all of GitHub's servers.
    // See https://github.com/octokit/auth-app.js/issues/65
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);

    /// <summary>Whether a refusal may only mean that the token is still replicating.</summary>
    public bool IsFresh => Age < FreshFor;

    public GitHubCredential Credential => new(CredentialOf(InstallationId), GitHubCredentialKind.Installation, Secret.Value);

    /// <summary>The credential ID that an installation's requests are counted under.</summary>
    public static string CredentialOf(long installation) => $"installation {installation}";
}
