using System.Net;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Scopes;

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
        var answer = await tokens.GetAsync(key, wanted: null, token => MintAsync(installation, scope, permission, token), limits.MintDeadline, cancellation);
        return answer.Secret is { } secret
            ? new InstallationToken(key, secret, installation, answer.Age)
            : throw new FailureException(answer.Failure!);
    }

    /// <summary>GitHub's answer to whoever asks for such a token for a whole installation. What it made is nobody's.</summary>
    public Task<GitHubAnswer> TryAsync(long installation, string owner, Permission permission, CancellationToken cancellation) =>
        RequestAsync(installation, owner, repository: null, permission, cancellation);

    /// <summary>Forgets a token that GitHub refused, and the installation that it was for.</summary>
    public void Forget(InstallationToken refused, Scope scope)
    {
        tokens.Drop(refused.Key, refused.Secret);
        installations.Forget(scope);
    }

    public ValueTask DisposeAsync() => tokens.DisposeAsync();

    private async Task<Secret> MintAsync(long installation, Scope scope, Permission permission, CancellationToken cancellation)
    {
        var answer = await RequestAsync(installation, scope.Owner, scope.Repository, permission, cancellation);
        if (!answer.IsSuccess)
        {
            // The id may be that of an installation that is gone, and the refusal's words do not tell why. A new look-up does, by throwing.
            installations.Forget(scope);
            var found = await installations.LookUpAsync(scope, cancellation);
            if (!found.Grants(permission))
                throw new FailureException(MissingPermission(permission));
            if (found.Id != installation)
                answer = await RequestAsync(found.Id, scope.Owner, scope.Repository, permission, cancellation);
        }

        return answer.IsSuccess ? IssuedToken.Read(answer, clock) : throw new FailureException(Explain(answer, scope));
    }

    // See https://docs.github.com/rest/apps/apps#create-an-installation-access-token-for-an-app
    private Task<GitHubAnswer> RequestAsync(long installation, string owner, string? repository, Permission permission, CancellationToken cancellation)
    {
        var permissions = new Dictionary<string, string>(StringComparer.Ordinal) { [permission.Name] = permission.Access };
        object body = repository is not null ? new { repositories = new[] { repository }, permissions } : new { permissions };
        return app.SendAsync(new GitHubCall("installation-token", HttpMethod.Post, $"app/installations/{installation}/access_tokens") { Body = body, Owner = owner }, cancellation);
    }

    private static Failure Explain(GitHubAnswer answer, Scope scope) =>
        answer.Status is HttpStatusCode.NotFound
        || (answer.Status is HttpStatusCode.UnprocessableEntity && scope.Repository is not null && answer.Message.Contains("repositor", StringComparison.OrdinalIgnoreCase))
            ? Installations.NotInstalled(scope)
            : new Failure(FailureKinds.RefusedByGitHub, answer.Message);

    public static Failure MissingPermission(Permission permission) =>
        new(FailureKinds.MissingPermission, $"The GitHub App lacks the permission '{permission}'; grant it and approve it for the installation.");
}
