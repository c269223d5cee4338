using System.Net;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub for a scope, by the credential that the scope needs.</summary>
internal sealed class ScopeClient(GitHubClient client, InstallationTokens tokens, EnterpriseClient enterprise, TimeProvider clock)
{
    private static readonly TimeSpan ReplicationWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplicationPause = TimeSpan.FromSeconds(1);

    /// <summary>Sends a call and gives GitHub's success, or what the call expects beside it; everything else is a <see cref="FailureException"/>.</summary>
    public async Task<GitHubAnswer> SendAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        call = call with { Owner = scope.Owner };
        var answer = scope.Kind == ScopeKind.Enterprise
            ? await enterprise.SendAsync(call, cancellation)
            : await SendByInstallationAsync(scope, permission, call, cancellation);
        return answer.IsSuccess || call.Expected.Contains(answer.StatusCode) ? answer : throw new FailureException(Explain(answer, scope, permission));
    }

    private async Task<GitHubAnswer> SendByInstallationAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        var token = await tokens.GetAsync(scope, permission, cancellation);
        var answer = await client.SendAsync(call, token.Credential, cancellation);

        // A token that has served before was withdrawn with its installation or its permission: a new one says which.
        if (IsWithdrawal(answer, call) && !token.IsFresh)
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

        if (IsWithdrawal(answer, call))
            tokens.Forget(token, scope);
        return answer;
    }

    // Where a 404 may mean what was asked for, it says nothing of the token: a caller that asks for runners that are gone costs no new ones.
    private static bool IsWithdrawal(GitHubAnswer answer, GitHubCall call) =>
        answer.IsRefusal || (answer.StatusCode == HttpStatusCode.NotFound && !call.Expected.Contains(HttpStatusCode.NotFound));

    private static Failure Explain(GitHubAnswer answer, Scope scope, Permission permission) => answer.StatusCode switch
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
