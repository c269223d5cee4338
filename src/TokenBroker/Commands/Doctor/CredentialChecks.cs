using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Commands.Doctor;

/// <summary>Checks that GitHub accepts the App's key, and compares the App's permissions with what the policies need.</summary>
internal sealed class AppCheck(AppDirectory directory, CallTimeout timeout, IOptions<GitHubOptions> options, CheckResults results)
{
    private const string Subject = "GitHub App";

    // Every App has this permission and cannot give it up.
    private const string Metadata = "metadata";

    private string Address => options.Value.ApiUrl;

    private string ClientId => options.Value.App.ClientId!.Trim();

    /// <summary>Whether GitHub answered at all.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Reads the App; null if GitHub does not recognize it.</summary>
    public async Task<RegisteredApp?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            if (await timeout.RunAsync(directory.GetAsync, cancellation) is { } app)
            {
                IsReached = true;
                return app;
            }

            GitHubFault.ReportOtherService(results, Address, "answers 200");
        }

        // GitHub's answer if the client id does not exist. A wrong key is a 401.
        catch (Octokit.NotFoundException exception) when (IsUnknownApp(exception))
        {
            IsReached = true;
            results.Fault(
                Subject,
                $"GitHub has no App with client ID {ClientId}",
                $"Compare GitHub:App:ClientId with the App's settings page, and check that the App was created at {Address}.");
        }
        catch (Octokit.ForbiddenException exception)
        {
            IsReached = true;
            results.Fault(
                Subject,
                $"GitHub refuses: {GitHubAnswer.FromException(exception).Message}",
                "See the message. If the enterprise has an IP allow list, it must include the broker's addresses.");
        }
        catch (Octokit.ApiException exception)
        {
            GitHubFault.ReportOtherService(results, Address, $"answers {(int)exception.StatusCode}");
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.CredentialRefused)
        {
            IsReached = true;
            results.Fault(
                Subject,
                $"GitHub does not accept the App's key: {exception.GitHubMessage}",
                $"The private key must belong to the App whose client ID is {ClientId}. Check GitHub:App:ClientId, or generate a new "
                    + "key on the App's settings page and write it to GitHub:App:PrivateKeyPath.");
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.Moved)
        {
            GitHubFault.ReportOtherService(results, Address, "answers with a redirect");
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            IsReached = !GitHubFault.IsUnreachable(exception);
            GitHubFault.Report(results, GitHubFault.Subject, Address, exception);
        }

        return null;
    }

    /// <summary>Compares the permissions that the App requests with those that the policies need.</summary>
    public void ComparePermissions(RegisteredApp app, IReadOnlyList<Permission> needed)
    {
        var lacking = needed.Where(permission => !permission.IsGrantedBy(app.Permissions.GetValueOrDefault(permission.Name))).ToList();
        foreach (var permission in lacking)
        {
            results.Fault(
                Subject,
                $"it does not request '{permission}', which policies need",
                "Add it on the App's settings page under Permissions. Every account that has installed the App must then approve it.");
        }

        var excess = app.Permissions
            .Where(requested => requested.Key != Metadata && !needed.Any(permission => Needs(permission, requested)))
            .OrderBy(requested => requested.Key, StringComparer.Ordinal)
            .Select(requested => $"{requested.Key}: {requested.Value}")
            .ToList();
        if (excess.Count > 0)
        {
            results.Warn(
                Subject,
                $"it requests more than policies need: {string.Join(", ", excess)}",
                "Remove it on the App's settings page: anyone who obtains the App's key obtains all of its permissions.");
        }

        if (lacking.Count == 0)
            results.Ok(Subject, $"{app.Name} ({app.Slug}) has client ID {ClientId}");
    }

    private static bool IsUnknownApp(Octokit.NotFoundException exception) =>
        GitHubAnswer.FromException(exception).Message.Contains("Integration not found", StringComparison.OrdinalIgnoreCase);

    private static bool Needs(Permission permission, KeyValuePair<string, string> requested) =>
        permission.Name == requested.Key && (permission.Access == requested.Value || !permission.IsGrantedBy(requested.Value));
}

/// <summary>Checks that the enterprise token works for the enterprises in policies, has no other scopes, and lasts.</summary>
internal sealed class EnterpriseCheck(
    EnterpriseClient client, CallTimeout timeout, IOptions<GitHubOptions> options, GitHubClock clock, CheckResults results)
{
    private const string Subject = "enterprise token";
    private const string NeededScope = "manage_runners:enterprise";

    // Older GitHub Enterprise Servers have no narrower one.
    private const string WiderScope = "admin:enterprise";

    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    // See https://docs.github.com/organizations/managing-programmatic-access-to-your-organization
    private static readonly string[] ExpiryFormats = ["yyyy-MM-dd HH:mm:ss 'UTC'", "yyyy-MM-dd HH:mm:ss zzz"];

    private string? reportedToken;

    /// <summary>Whether GitHub answered at all.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Reads one runner of the enterprise.</summary>
    public async Task RunAsync(PolicyTarget target, CancellationToken cancellation)
    {
        try
        {
            var answer = await timeout.RunAsync(token => client.SendAsync(RunnerClient.FirstPage(target.Scope!), token), cancellation);
            IsReached = true;
            ReportEnterprise(target, answer);
            ReportToken(answer);
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.CredentialRefused)
        {
            IsReached = true;
            if (exception.GitHubMessage is not { } message)
                return;
            results.Fault(
                Subject,
                $"GitHub does not accept it: {message}",
                $"It has expired or was revoked: create a classic personal access token with {NeededScope} and write it to "
                    + "GitHub:EnterpriseTokenPath.");
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            GitHubFault.Report(results, target.ToString(), options.Value.ApiUrl, exception);
        }
    }

    private void ReportEnterprise(PolicyTarget target, GitHubAnswer answer)
    {
        var scopes = ReadScopes(answer);
        if (answer.IsSuccess)
        {
            results.Ok(target.ToString(), "the enterprise token works for it");
        }
        else if (scopes is not null && !IsSufficient(scopes))
        {
            results.Fault(
                Subject,
                $"it lacks the scope {NeededScope}; it has {(scopes.Count == 0 ? "none" : string.Join(", ", scopes))}",
                "Add that scope in GitHub's Settings, Developer settings, Tokens (classic).");
        }
        else if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            results.Fault(
                target.ToString(),
                "the enterprise does not exist, or the token's owner cannot manage its runners",
                $"Check the name in {target.DescribePolicies()}, and that the token's owner is an owner of the enterprise.");
        }
        else
        {
            results.Fault(
                target.ToString(),
                $"GitHub refuses: {answer.Message}",
                "See the message. The token must be authorized for single sign-on, and an IP allow list must include the broker's "
                    + "addresses.");
        }
    }

    // All enterprises share one token, so the same result is reported once.
    private void ReportToken(GitHubAnswer answer)
    {
        var token = $"{answer.Header("x-oauth-scopes")}|{answer.Header("github-authentication-token-expiration")}";
        if (reportedToken == token)
            return;
        reportedToken = token;
        if (ReadScopes(answer) is { } scopes && IsSufficient(scopes) && scopes.Exists(scope => scope != NeededScope))
        {
            results.Warn(
                Subject,
                $"it has more scopes than the broker needs: {string.Join(", ", scopes.Where(scope => scope != NeededScope))}",
                $"Create one with {NeededScope} alone; only older GitHub Enterprise Servers need {WiderScope}.");
        }

        if (ReadExpiry(answer) is { } expiry)
            ReportExpiry(expiry);
    }

    private void ReportExpiry(DateTimeOffset expiry)
    {
        var day = string.Create(CultureInfo.InvariantCulture, $"{expiry.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        if (expiry - clock.GetUtcNow() >= Soon)
        {
            results.Ok(Subject, $"it expires on {day}");
            return;
        }

        results.Warn(
            Subject,
            $"it expires soon, on {day}",
            "Create a new one and write it to GitHub:EnterpriseTokenPath; the broker reads it within seconds, without a restart.");
    }

    private static bool IsSufficient(List<string> scopes) => scopes.Contains(NeededScope) || scopes.Contains(WiderScope);

    // Null if the token is not a classic one.
    private static List<string>? ReadScopes(GitHubAnswer answer) => answer.Header("x-oauth-scopes") is { } header
        ? [.. header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
        : null;

    private static DateTimeOffset? ReadExpiry(GitHubAnswer answer)
    {
        var header = answer.Header("github-authentication-token-expiration");
        var isRead = DateTimeOffset.TryParseExact(
            header, ExpiryFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry);
        return isRead ? expiry : null;
    }
}
