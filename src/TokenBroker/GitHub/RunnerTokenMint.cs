using Octokit;
using TokenBroker.Caching;
using Scope = TokenBroker.Scopes.Scope;

namespace TokenBroker.GitHub;

/// <summary>Asks GitHub for registration and remove tokens.</summary>
internal sealed class RunnerTokenMint(ScopeClient scopes, GitHubClock clock)
{
    /// <summary>A new token, as the JSON that a caller gets; throws <see cref="Failures.FailureException"/> where GitHub gives none.</summary>
    // See https://docs.github.com/rest/actions/self-hosted-runners#create-a-registration-token-for-an-organization
    public async Task<Secret> MintAsync(RunnerTokenKind kind, Scope scope, CancellationToken cancellation)
    {
        var name = kind == RunnerTokenKind.Registration ? "registration-token" : "remove-token";
        var path = new Uri($"{scope.Path}/actions/runners/{name}", UriKind.Relative);
        var issued = await OctokitConnection.AskAsync(
            name,
            call => scopes.SendAsync(scope, Permission.ToWrite(scope), call, cancellation),
            github => github.Post<AccessToken>(path, cancellation),
            IssuedToken.Unreadable);
        return IssuedToken.ReadForCaller(issued, clock);
    }
}

/// <summary>The two tokens that runners need.</summary>
public enum RunnerTokenKind
{
    /// <summary>Joins runners to a scope.</summary>
    Registration,

    /// <summary>Removes runners from a scope.</summary>
    Remove,
}
