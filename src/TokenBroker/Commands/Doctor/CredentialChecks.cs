using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Commands.Doctor;

/// <summary>Who the App is, and what it asks of those who install it.</summary>
internal sealed class AppCheck(AppDirectory directory, CallTimeout timeout, IOptions<GitHubOptions> options, CheckResults results)
{
    private const string Subject = "GitHub App";

    // Every App has it, and none can do without.
    private const string Metadata = "metadata";

    private string Address => options.Value.ApiUrl;

    private string ClientId => options.Value.App.ClientId!.Trim();

    /// <summary>Whether GitHub answered at all.</summary>
    public bool IsReached { get; private set; }

    /// <summary>The App; null where GitHub does not take this broker for one.</summary>
    public async Task<RegisteredApp?> FindAsync(CancellationToken cancellation)
    {
        try
        {
            if (await timeout.RunAsync(directory.GetAsync, cancellation) is { } app)
            {
                IsReached = true;
                return app;
            }

            GitHubFault.TellStranger(results, Address, "answers 200");
        }

        // Said to a JWT of an App that does not exist; one signed by a wrong key is a 401.
        catch (Octokit.NotFoundException exception) when (GitHubAnswer.Of(exception).Message.Contains("Integration not found", StringComparison.OrdinalIgnoreCase))
        {
            IsReached = true;
            results.Fault(
                Subject,
                $"GitHub knows no App with client id {ClientId}",
                $"Check GitHub:App:ClientId against the App's settings page, and that the App was made at the GitHub of {Address}.");
        }
        catch (Octokit.ForbiddenException exception)
        {
            IsReached = true;
            results.Fault(Subject, $"GitHub refuses: {GitHubAnswer.Of(exception).Message}", "See the message; an enterprise's IP allow list must hold the broker's addresses.");
        }
        catch (Octokit.ApiException exception)
        {
            GitHubFault.TellStranger(results, Address, $"answers {(int)exception.StatusCode}");
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.CredentialRefused)
        {
            IsReached = true;
            results.Fault(
                Subject,
                $"GitHub does not accept the App's key: {exception.GitHubMessage}",
                $"The private key must be one of the App's whose client id is {ClientId}: make a new one on the App's settings page, put it into GitHub:App:PrivateKeyPath, and check GitHub:App:ClientId.");
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.Moved)
        {
            GitHubFault.TellStranger(results, Address, "answers with a redirect");
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            IsReached = !GitHubFault.IsUnreachable(exception);
            GitHubFault.Tell(results, GitHubFault.Subject, Address, exception);
        }

        return null;
    }

    /// <summary>Holds what the App asks for against what the policies need.</summary>
    public void Compare(RegisteredApp app, IReadOnlyList<Permission> needed)
    {
        var lacking = needed.Where(permission => !permission.IsGrantedBy(app.Permissions.GetValueOrDefault(permission.Name))).ToList();
        foreach (var permission in lacking)
            results.Fault(Subject, $"it does not ask for '{permission}', which policies need", "Add it on the App's settings page under Permissions; then every account that has installed it must approve.");

        var excess = app.Permissions
            .Where(asked => asked.Key != Metadata && !needed.Any(permission => permission.Name == asked.Key && (permission.Access == asked.Value || !permission.IsGrantedBy(asked.Value))))
            .OrderBy(asked => asked.Key, StringComparer.Ordinal)
            .Select(asked => $"{asked.Key}: {asked.Value}")
            .ToList();
        if (excess.Count > 0)
            results.Warn(Subject, $"it asks for more than policies need: {string.Join(", ", excess)}", "Take it away on the App's settings page: whoever gets the App's key gets all of it.");
        if (lacking.Count == 0)
            results.Ok(Subject, $"{app.Name} ({app.Slug}) is known by client id {ClientId}");
    }
}

/// <summary>Whether the enterprise token serves the enterprises that policies name, what else it may do, and how long it lasts.</summary>
internal sealed class EnterpriseCheck(EnterpriseClient client, CallTimeout timeout, IOptions<GitHubOptions> options, GitHubClock clock, CheckResults results)
{
    private const string Subject = "enterprise token";
    private const string NeededScope = "manage_runners:enterprise";

    // Older GitHub Enterprise Servers know no narrower one.
    private const string WiderScope = "admin:enterprise";

    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    // See https://docs.github.com/organizations/managing-programmatic-access-to-your-organization
    private static readonly string[] ExpiryFormats = ["yyyy-MM-dd HH:mm:ss 'UTC'", "yyyy-MM-dd HH:mm:ss zzz"];

    private string? told;

    /// <summary>Whether GitHub answered at all.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Looks at one runner of the enterprise.</summary>
    public async Task RunAsync(PolicyTarget place, CancellationToken cancellation)
    {
        try
        {
            var answer = await timeout.RunAsync(token => client.SendAsync(RunnerClient.FirstPage(place.Scope!), token), cancellation);
            IsReached = true;
            Tell(place, answer);
            TellOfToken(answer);
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.CredentialRefused)
        {
            IsReached = true;
            if (exception.GitHubMessage is not { } message)
                return;
            results.Fault(Subject, $"GitHub does not accept it: {message}", "It has ended or was revoked: make a classic personal access token with manage_runners:enterprise and put it into GitHub:EnterpriseTokenPath.");
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            GitHubFault.Tell(results, place.ToString(), options.Value.ApiUrl, exception);
        }
    }

    private void Tell(PolicyTarget place, GitHubAnswer answer)
    {
        var scopes = ScopesOf(answer);
        if (answer.IsSuccess)
            results.Ok(place.ToString(), "the enterprise token serves it");
        else if (scopes is not null && !scopes.Contains(NeededScope) && !scopes.Contains(WiderScope))
            results.Fault(Subject, $"it lacks the scope {NeededScope}; it has {(scopes.Count == 0 ? "none" : string.Join(", ", scopes))}", $"Give it that scope: GitHub's Settings, Developer settings, Tokens (classic).");
        else if (answer.StatusCode == HttpStatusCode.NotFound)
            results.Fault(place.ToString(), "GitHub knows no such enterprise, or whose token it is does not manage its runners", $"Check the name in policy '{string.Join("', '", place.Policies)}', and that the token's user is an owner of the enterprise.");
        else
            results.Fault(place.ToString(), $"GitHub refuses: {answer.Message}", "See the message; single sign-on must be authorized for the token, and an IP allow list must hold the broker's addresses.");
    }

    // Several enterprises, one token.
    private void TellOfToken(GitHubAnswer answer)
    {
        var seen = $"{answer.Header("x-oauth-scopes")}|{answer.Header("github-authentication-token-expiration")}";
        if (told == seen)
            return;
        told = seen;
        if (ScopesOf(answer) is { } scopes && scopes.Where(scope => scope != NeededScope).ToList() is { Count: > 0 } excess && (scopes.Contains(NeededScope) || scopes.Contains(WiderScope)))
            results.Warn(Subject, $"it may do more than the broker needs: {string.Join(", ", excess)}", $"Make one with {NeededScope} alone; only older GitHub Enterprise Servers need {WiderScope}.");
        if (ExpiryOf(answer) is { } expiry)
            TellExpiry(expiry);
    }

    private void TellExpiry(DateTimeOffset expiry)
    {
        var day = string.Create(CultureInfo.InvariantCulture, $"{expiry.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        if (expiry - clock.GetUtcNow() < Soon)
            results.Warn(Subject, $"it ends on {day}", "Make a new one and put it into GitHub:EnterpriseTokenPath; the broker takes it within seconds, without a restart.");
        else
            results.Ok(Subject, $"it lasts until {day}");
    }

    // Absent where the token is no classic one.
    private static List<string>? ScopesOf(GitHubAnswer answer) => answer.Header("x-oauth-scopes") is { } header
        ? [.. header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
        : null;

    private static DateTimeOffset? ExpiryOf(GitHubAnswer answer) =>
        DateTimeOffset.TryParseExact(answer.Header("github-authentication-token-expiration"), ExpiryFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry) ? expiry : null;
}
