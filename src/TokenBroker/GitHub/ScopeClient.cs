using System.Net;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Scopes;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub for a scope, by the credential that the scope needs.</summary>
internal sealed class ScopeClient(GitHubClient client, InstallationTokens tokens, EnterpriseClient enterprise, TimeProvider clock)
{
    private static readonly TimeSpan ReplicationWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReplicationPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(14.5);

    private readonly SingleFlight<GitHubAnswer> tries = new(clock, "try a new token again");

    /// <summary>Sends a call and gives GitHub's success, or what the call expects beside it; everything else is a <see cref="FailureException"/>.</summary>
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
            IsOfRequest = answer.StatusCode == HttpStatusCode.Forbidden && !ScopeWords.AreIn(answer, call, scope),
        };
    }

    private async Task<GitHubAnswer> SendByInstallationAsync(Scope scope, Permission permission, GitHubCall call, CancellationToken cancellation)
    {
        var token = await tokens.GetAsync(scope, permission, cancellation);
        var answer = await client.SendAsync(call, token.Credential, cancellation);

        // A token that has served before was withdrawn with its installation or its permission: a new one says which. What both are told
        // is no matter of their age.
        var isLasting = false;
        if (IsWithdrawal(answer, call) && !token.IsFresh)
        {
            var former = answer;
            tokens.Forget(token, scope, withInstallation: answer.IsRefusal || scope.Kind != ScopeKind.Repository);
            token = await tokens.GetAsync(scope, permission, cancellation);
            answer = await client.SendAsync(call, token.Credential, cancellation);
            isLasting = former.StatusCode == HttpStatusCode.Forbidden && answer.StatusCode == HttpStatusCode.Forbidden && former.Message == answer.Message;
        }

        return MayPass(answer) && token.IsFresh && !isLasting ? await TryAgainAsync(scope, answer, token, call, cancellation) : answer;
    }

    // One tries for all who were refused with the same token, and the others ask once more when it was let through.
    private async Task<GitHubAnswer> TryAgainAsync(Scope scope, GitHubAnswer answer, InstallationToken token, GitHubCall call, CancellationToken cancellation)
    {
        var refused = clock.GetTimestamp();
        while (MayPass(answer) && clock.GetElapsedTime(refused) < ReplicationWindow)
        {
            // What may be made but once is not left to others, who go on when its caller's time is over.
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
                        return await TryUntilItPassesAsync(attempt, token, ending);
                    },
                    StartPermit.Current).WaitAsync(cancellation);
                if (isOwn)
                    return passed;
                if (MayPass(passed))
                    return answer;
            }
            catch (FailureException) when (!isOwn)
            {
                // Said of another's request.
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, GitHubClient.NoAnswer));
            }

            answer = await client.SendAsync(call, token.Credential, cancellation);
        }

        return answer;
    }

    private async Task<GitHubAnswer> TryUntilItPassesAsync(GitHubCall call, InstallationToken token, CancellationToken cancellation)
    {
        var refused = clock.GetTimestamp();
        while (true)
        {
            await Task.Delay(ReplicationPause, clock, cancellation);
            var answer = await client.SendAsync(call, token.Credential, cancellation);
            if (!MayPass(answer) || clock.GetElapsedTime(refused) >= ReplicationWindow)
                return answer;
        }
    }

    // Other words say what a later answer would say too.
    private static bool MayPass(GitHubAnswer answer) =>
        answer.StatusCode == HttpStatusCode.Unauthorized || (answer.StatusCode == HttpStatusCode.Forbidden && ScopeWords.AreOfToken(answer));

    // Where a 404 may mean what was asked for, it says nothing of the token: a caller that asks for runners that are gone costs no new ones.
    private static bool IsWithdrawal(GitHubAnswer answer, GitHubCall call) =>
        MayPass(answer)
        || (answer.StatusCode == HttpStatusCode.Forbidden && ScopeWords.AreOfSuspension(answer))
        || (answer.StatusCode == HttpStatusCode.NotFound && !call.Expected.Contains(HttpStatusCode.NotFound));

    private static Failure Explain(GitHubAnswer answer, Scope scope, Permission permission) => answer.StatusCode switch
    {
        HttpStatusCode.NotFound when scope.Kind == ScopeKind.Enterprise =>
            new Failure(FailureKinds.NotInstalled, $"GitHub does not know '{scope.Path}', or the broker's enterprise token cannot manage its runners."),
        HttpStatusCode.NotFound => Installations.NotInstalled(scope),
        HttpStatusCode.Forbidden when ScopeWords.AreOfToken(answer) =>
            scope.Kind == ScopeKind.Enterprise
                ? new Failure(FailureKinds.MissingPermission, "The broker's enterprise token lacks the scope 'manage_runners:enterprise'.")
                : InstallationTokens.MissingPermission(permission),
        _ => new Failure(FailureKinds.RefusedByGitHub, answer.Message),
    };
}

/// <summary>Calls GitHub by the enterprise token.</summary>
internal sealed class EnterpriseClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets)
{
    /// <summary>Sends a call, or throws <see cref="FailureException"/> without a token, or if GitHub does not accept it.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.EnterpriseToken is not { } token)
            throw new FailureException(new Failure(FailureKinds.NotConfigured, "This broker has no enterprise token, which enterprise scopes need."));

        var version = token.Current;
        var credential = new GitHubCredential($"enterprise token {version.Number}", GitHubCredentialKind.Enterprise, version.Value.Value);
        var answer = await client.SendAsync(call, credential, cancellation);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;

        throw limits.Refuse(credential, answer, "GitHub does not accept this broker's enterprise token.");
    }
}

/// <summary>
/// GitHub's no to calls whose answers are not cached, kept as long as the failure table says, so that a caller that asks on and on
/// does not use up the installation's limit. A no holds for a scope and a permission: reading may be allowed where changing is not.
/// </summary>
internal sealed class ScopeRefusals(GitHubClock clock)
{
    private readonly BoundedMemory<Failure> refusals = new(clock, capacity: 20_000);

    /// <summary>Runs the call unless it was refused lately, and remembers if it is.</summary>
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

/// <summary>The words by which GitHub's 403 is said of a scope, and not of the one request that it answers.</summary>
// See https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
internal static class ScopeWords
{
    private static readonly string[] Phrases =
    [
        "not accessible by", "permission", "admin rights", "suspended", "IP allow list", "single sign-on", "disabled", "archived",
    ];

    private static readonly string[] Acronyms = ["SAML", "SSO"];

    /// <summary>Whether one of them stands in the answer, and not only because the caller wrote it into its request.</summary>
    public static bool AreIn(GitHubAnswer answer, GitHubCall call, Scope scope)
    {
        var sent = Uri.UnescapeDataString(call.Path[scope.Path.Length..]) + call.Body;
        return Phrases.Any(phrase => IsSaid(phrase, StringComparison.OrdinalIgnoreCase)) || Acronyms.Any(acronym => IsSaid(acronym, StringComparison.Ordinal));

        bool IsSaid(string words, StringComparison comparison) => answer.Message.Contains(words, comparison) && !sent.Contains(words, comparison);
    }

    /// <summary>Whether GitHub says that the token may not do this, which it also says of a token that it does not know everywhere yet.</summary>
    public static bool AreOfToken(GitHubAnswer answer) => answer.Message.StartsWith("Resource not accessible by", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether GitHub says that the installation is suspended.</summary>
    public static bool AreOfSuspension(GitHubAnswer answer) => answer.Message.StartsWith("This installation has been suspended", StringComparison.OrdinalIgnoreCase);
}
