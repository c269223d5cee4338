using TokenBroker.Caching;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>Asks GitHub for registration and remove tokens.</summary>
internal sealed class RunnerTokenMint(ScopeClient scopes, GitHubClock clock)
{
    /// <summary>A new token, as the JSON that a caller gets; throws <see cref="Failures.FailureException"/> where GitHub gives none.</summary>
    // See https://docs.github.com/rest/actions/self-hosted-runners#create-a-registration-token-for-an-organization
    public async Task<Secret> MintAsync(RunnerTokenKind kind, Scope scope, CancellationToken cancellation)
    {
        var name = kind == RunnerTokenKind.Registration ? "registration-token" : "remove-token";
        var call = new GitHubCall(name, HttpMethod.Post, $"{scope.Path}/actions/runners/{name}");
        var answer = await scopes.SendAsync(scope, Permission.ToWrite(scope), call, cancellation);
        return IssuedToken.ReadForCaller(answer, clock);
    }
}
