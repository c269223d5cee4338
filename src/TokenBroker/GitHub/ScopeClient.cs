using System.Net;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub for a scope, by the credential that the scope needs.</summary>
internal sealed class ScopeClient(GitHubClient client, InstallationTokens tokens, EnterpriseClient enterprise, TimeProvider clock)
{
    private static readonly TimeSpan ReplicationWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplicationPause = TimeSpan.FromSeconds(1);

    /// <summary>Sends a call and gives GitHub's success; everything else is a <see cref="FailureException"/>.</summary>
    public async Task<GitHubAnswer> SendAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        var answer = scope.Kind == ScopeKind.Enterprise
            ? await enterprise.SendAsync(call, cancellation)
            : await SendByInstallationAsync(scope, permission, call, cancellation);
        return answer.IsSuccess ? answer : throw new FailureException(Explain(answer, scope, permission));
    }

    private async Task<GitHubAnswer> SendByInstallationAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        var token = await tokens.GetAsync(scope, permission, cancellation);
        var answer = await client.SendAsync(call, token.Credential, cancellation);

        // A token that has served before was withdrawn with its installation or its permission: a new one says which.
        if ((answer.IsRefusal || answer.Status == HttpStatusCode.NotFound) && !token.IsFresh)
        {
            tokens.Forget(token, scope);
            token = await tokens.GetAsync(scope, permission, cancellation);
            answer = await client.SendAsync(call, token.Credential, cancellation);
        }

        var refused = clock.GetTimestamp();
        while (answer.IsRefusal && token.IsFresh && clock.GetElapsedTime(refused) < ReplicationWindow)
        {
            await Task.Delay(ReplicationPause, clock, cancellation);
            answer = await client.SendAsync(call, token.Credential, cancellation);
        }

        if (answer.IsRefusal || answer.Status == HttpStatusCode.NotFound)
            tokens.Forget(token, scope);
        return answer;
    }

    private static Failure Explain(GitHubAnswer answer, Scope scope, Permission permission) => answer.Status switch
    {
        HttpStatusCode.NotFound when scope.Kind == ScopeKind.Enterprise =>
            new Failure(FailureKinds.NotInstalled, $"GitHub knows no '{scope.Path}', or the broker's enterprise token may not manage its runners."),
        HttpStatusCode.NotFound => Installations.NotInstalled(scope),
        HttpStatusCode.Forbidden when answer.Message.StartsWith("Resource not accessible by", StringComparison.OrdinalIgnoreCase) =>
            scope.Kind == ScopeKind.Enterprise
                ? new Failure(FailureKinds.MissingPermission, "The broker's enterprise token lacks the scope 'manage_runners:enterprise'.")
                : InstallationTokens.MissingPermission(permission),
        _ => new Failure(FailureKinds.RefusedByGitHub, answer.Message),
    };
}
