using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Commands.Doctor;

/// <summary>Whether the enterprise token serves the enterprises that policies name, what else it may do, and how long it lasts.</summary>
internal sealed class EnterpriseExamination(EnterpriseClient client, Questions questions, IOptions<GitHubOptions> options, GitHubClock clock, Findings findings)
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
    public async Task RunAsync(NamedPlace place, CancellationToken cancellation)
    {
        try
        {
            var answer = await questions.AskAsync(token => client.SendAsync(RunnerClient.FirstPage(place.Scope!), token), cancellation);
            IsReached = true;
            Tell(place, answer);
            TellOfToken(answer);
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.CredentialRefused)
        {
            IsReached = true;
            if (exception.GitHubMessage is not { } message)
                return;
            findings.Fault(Subject, $"GitHub does not accept it: {message}", "It has ended or was revoked: make a classic personal access token with manage_runners:enterprise and put it into GitHub:EnterpriseTokenPath.");
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            GitHubFault.Tell(findings, place.ToString(), options.Value.ApiUrl, exception);
        }
    }

    private void Tell(NamedPlace place, GitHubAnswer answer)
    {
        var scopes = ScopesOf(answer);
        if (answer.IsSuccess)
            findings.Ok(place.ToString(), "the enterprise token serves it");
        else if (scopes is not null && !scopes.Contains(NeededScope) && !scopes.Contains(WiderScope))
            findings.Fault(Subject, $"it lacks the scope {NeededScope}; it has {(scopes.Count == 0 ? "none" : string.Join(", ", scopes))}", $"Give it that scope: GitHub's Settings, Developer settings, Tokens (classic).");
        else if (answer.StatusCode == HttpStatusCode.NotFound)
            findings.Fault(place.ToString(), "GitHub knows no such enterprise, or whose token it is does not manage its runners", $"Check the name in policy '{string.Join("', '", place.Policies)}', and that the token's user is an owner of the enterprise.");
        else
            findings.Fault(place.ToString(), $"GitHub refuses: {answer.Message}", "See the message; single sign-on must be authorized for the token, and an IP allow list must hold the broker's addresses.");
    }

    // Several enterprises, one token.
    private void TellOfToken(GitHubAnswer answer)
    {
        var seen = $"{answer.Header("x-oauth-scopes")}|{answer.Header("github-authentication-token-expiration")}";
        if (told == seen)
            return;
        told = seen;
        if (ScopesOf(answer) is { } scopes && scopes.Where(scope => scope != NeededScope).ToList() is { Count: > 0 } excess && (scopes.Contains(NeededScope) || scopes.Contains(WiderScope)))
            findings.Warn(Subject, $"it may do more than the broker needs: {string.Join(", ", excess)}", $"Make one with {NeededScope} alone; only older GitHub Enterprise Servers need {WiderScope}.");
        if (ExpiryOf(answer) is { } expiry)
            TellExpiry(expiry);
    }

    private void TellExpiry(DateTimeOffset expiry)
    {
        var day = string.Create(CultureInfo.InvariantCulture, $"{expiry.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        if (expiry - clock.GetUtcNow() < Soon)
            findings.Warn(Subject, $"it ends on {day}", "Make a new one and put it into GitHub:EnterpriseTokenPath; the broker takes it within seconds, without a restart.");
        else
            findings.Ok(Subject, $"it lasts until {day}");
    }

    // Absent where the token is no classic one.
    private static List<string>? ScopesOf(GitHubAnswer answer) => answer.Header("x-oauth-scopes") is { } header
        ? [.. header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
        : null;

    private static DateTimeOffset? ExpiryOf(GitHubAnswer answer) =>
        DateTimeOffset.TryParseExact(answer.Header("github-authentication-token-expiration"), ExpiryFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiry) ? expiry : null;
}
