using System.Net;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub for a scope, with the credential that the scope requires.</summary>
internal sealed class ScopeClient(GitHubClient client, InstallationTokens tokens, EnterpriseClient enterprise, TimeProvider clock)
{
    private static readonly TimeSpan ReplicationWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplicationPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(14.5);

    private readonly SingleFlight<GitHubAnswer> tries = new(clock, "try a new token again");

    /// <summary>
    /// Sends a call and returns GitHub's success or another status that the call expects; all else is a <see cref="FailureException"/>.
    /// </summary>
    public async Task<GitHubAnswer> SendAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        call = call with { Owner = scope.Owner };
        var answer = scope.Kind == ScopeKind.Enterprise
            ? await enterprise.SendAsync(call, cancellation)
            : await SendByInstallationAsync(scope, permission, call, cancellation);
        if (answer.IsSuccess || call.Expected.Contains(answer.StatusCode))
            return answer;
        throw new FailureException(Explain(answer, scope, permission))
        {
            IsOfRequest = answer.StatusCode == HttpStatusCode.Forbidden && !RefusalMessage.ConcernsScope(answer, call, scope),
        };
    }

    private async Task<GitHubAnswer> SendByInstallationAsync(
        Scope scope,
        Permission permission,
        GitHubCall call,
        CancellationToken cancellation)
    {
        var token = await tokens.GetAsync(scope, permission, cancellation);
        var answer = await client.SendAsync(call, token.Credential, cancellation);

        // A token that has worked before was revoked with its installation or its permission: a new token shows which. If both get the same
        // refusal, their age is not the reason.
        var isLasting = false;
        if (IsRevocation(answer, call) && !token.IsFresh)
        {
            var former = answer;
            tokens.Forget(token, scope, withInstallation: answer.IsRefusal || scope.Kind != ScopeKind.Repository);
            token = await tokens.GetAsync(scope, permission, cancellation);
            answer = await client.SendAsync(call, token.Credential, cancellation);
            isLasting = former.StatusCode == HttpStatusCode.Forbidden
                && answer.StatusCode == HttpStatusCode.Forbidden
                && former.Message == answer.Message;
        }

        return IsTransient(answer) && token.IsFresh && !isLasting
            ? await RetryAsync(scope, answer, token, call, cancellation)
            : answer;
    }

    // One request retries for all that were refused with the same token; the others are sent once more when it is accepted.
    private async Task<GitHubAnswer> RetryAsync(
        Scope scope,
        GitHubAnswer answer,
        InstallationToken token,
        GitHubCall call,
        CancellationToken cancellation)
    {
        var refused = clock.GetTimestamp();
        while (IsTransient(answer) && clock.GetElapsedTime(refused) < ReplicationWindow)
        {
            // A call that must not be sent twice cannot be the shared retry, which continues after its caller's deadline.
            var attempt = call.IsRepeatable ? call : RunnerClient.FirstPage(scope) with { Owner = call.Owner };
            var isOwn = false;
            try
            {
                var passed = await tries.RunAsync(
                    token.Key,
                    Deadline,
                    async ending =>
                    {
                        isOwn = call.IsRepeatable;
                        return await RetryUntilAcceptedAsync(attempt, token, ending);
                    },
                    StartPermit.Current).WaitAsync(cancellation);
                if (isOwn)
                    return passed;
                if (IsTransient(passed))
                    return answer;
            }
            catch (FailureException) when (!isOwn)
            {
                // This failure concerns another caller's request.
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, GitHubClient.NoAnswer));
            }

            answer = await client.SendAsync(call, token.Credential, cancellation);
        }

        return answer;
    }

    private async Task<GitHubAnswer> RetryUntilAcceptedAsync(
        GitHubCall call,
        InstallationToken token,
        CancellationToken cancellation)
    {
        var refused = clock.GetTimestamp();
        while (true)
        {
            await Task.Delay(ReplicationPause, clock, cancellation);
            var answer = await client.SendAsync(call, token.Credential, cancellation);
            if (!IsTransient(answer) || clock.GetElapsedTime(refused) >= ReplicationWindow)
                return answer;
        }
    }

    // Any other message would be the same in a later response.
    private static bool IsTransient(GitHubAnswer answer) =>
        answer.StatusCode == HttpStatusCode.Unauthorized
        || (answer.StatusCode == HttpStatusCode.Forbidden && RefusalMessage.ConcernsToken(answer));

    // A 404 that the call expects says nothing about the token: a caller that asks for deleted runners must not cost new tokens.
    private static bool IsRevocation(GitHubAnswer answer, GitHubCall call) =>
        IsTransient(answer)
        || (answer.StatusCode == HttpStatusCode.Forbidden && RefusalMessage.ConcernsSuspension(answer))
        || (answer.StatusCode == HttpStatusCode.NotFound && !call.Expected.Contains(HttpStatusCode.NotFound));

    private static Failure Explain(GitHubAnswer answer, Scope scope, Permission permission) => answer.StatusCode switch
    {
        HttpStatusCode.NotFound when scope.Kind == ScopeKind.Enterprise =>
            new Failure(
                FailureKinds.NotInstalled,
                $"GitHub does not know '{scope.Path}', or the broker's enterprise token cannot manage its runners."),
        HttpStatusCode.NotFound => Installations.NotInstalled(scope),
        HttpStatusCode.Forbidden when RefusalMessage.ConcernsToken(answer) =>
            scope.Kind == ScopeKind.Enterprise
                ? new Failure(FailureKinds.MissingPermission, "The broker's enterprise token lacks the scope 'manage_runners:enterprise'.")
                : InstallationTokens.MissingPermission(permission),
        _ => new Failure(FailureKinds.RefusedByGitHub, answer.Message),
    };
}

/// <summary>Calls GitHub with the enterprise token.</summary>
internal sealed class EnterpriseClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets)
{
    /// <summary>Sends a call; throws <see cref="FailureException"/> if there is no token or GitHub rejects it.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.EnterpriseToken is not { } token)
        {
            throw new FailureException(new Failure(
                FailureKinds.NotConfigured,
                "This broker has no enterprise token, which enterprise scopes need."));
        }


        var version = token.Current;
        var credential = new GitHubCredential($"enterprise token {version.Number}", GitHubCredentialKind.Enterprise, version.Value.Value);
        var answer = await client.SendAsync(call, credential, cancellation);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;

        throw limits.Refuse(credential, answer, "GitHub does not accept this broker's enterprise token.");
    }
}

/// <summary>
/// GitHub's refusals of calls whose responses are not cached, remembered as long as the failure table says, so that a caller that keeps
/// asking does not use up the installation's limit. A refusal covers a scope and a permission: reads may be allowed where writes are not.
/// </summary>
internal sealed class ScopeRefusals(GitHubClock clock)
{
    private readonly BoundedMemory<Failure> refusals = new(clock, capacity: 20_000);

    /// <summary>Runs the call unless it was refused recently, and remembers a refusal.</summary>
    public async Task<T> GuardAsync<T>(Scope scope, Permission permission, Func<Task<T>> call)
    {
        var key = $"{scope.Path}|{permission}";
        if (refusals.Recall(key) is { } refusal)
            throw new FailureException(refusal);

        try
        {
            return await call();
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens && !exception.IsOfRequest)
        {
            var failure = exception.Failure;
            var duration = failure.Remembered ?? failure.Kind.Remembered ?? TimeSpan.Zero;
            if (duration > TimeSpan.Zero)
                refusals.Remember(key, failure, duration);
            throw;
        }
    }
}

/// <summary>Decides from its message whether a 403 concerns the scope, the token or only one request.</summary>
// See https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
internal static class RefusalMessage
{
    private static readonly string[] Phrases =
    [
        "not accessible by", "permission", "admin rights", "suspended", "IP allow list", "single sign-on", "disabled", "archived",
    ];

    private static readonly string[] Acronyms = ["SAML", "SSO"];

    /// <summary>Whether the message concerns the scope. Words that the caller's own request contains do not count.</summary>
    public static bool ConcernsScope(GitHubAnswer answer, GitHubCall call, Scope scope)
    {
        var sent = Uri.UnescapeDataString(call.Path[scope.Path.Length..]) + call.Body;
        return Phrases.Any(phrase => IsGitHubs(phrase, StringComparison.OrdinalIgnoreCase))
            || Acronyms.Any(acronym => IsGitHubs(acronym, StringComparison.Ordinal));

        bool IsGitHubs(string words, StringComparison comparison) =>
            answer.Message.Contains(words, comparison) && !sent.Contains(words, comparison);
    }

    /// <summary>Whether the token lacks the permission. GitHub also says so of a token that is still replicating.</summary>
    public static bool ConcernsToken(GitHubAnswer answer) =>
        answer.Message.StartsWith("Resource not accessible by", StringComparison.OrdinalIgnoreCase);

    public static bool ConcernsSuspension(GitHubAnswer answer) =>
        answer.Message.StartsWith("This installation has been suspended", StringComparison.OrdinalIgnoreCase);
}
