using Microsoft.Extensions.Options;
using Octokit;
using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Commands.Doctor;

/// <summary>Who the App is, and what it asks of those who install it.</summary>
internal sealed class AppExamination(AppDirectory directory, Questions questions, IOptions<GitHubOptions> options, Findings findings)
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
            if (await questions.AskAsync(directory.GetAsync, cancellation) is { } app)
            {
                IsReached = true;
                return app;
            }

            GitHubFault.TellStranger(findings, Address, "answers 200");
        }

        // Said to a JWT of an App that does not exist; one signed by a wrong key is a 401.
        catch (NotFoundException exception) when (GitHubAnswer.Of(exception).Message.Contains("Integration not found", StringComparison.OrdinalIgnoreCase))
        {
            IsReached = true;
            findings.Fault(
                Subject,
                $"GitHub knows no App with client id {ClientId}",
                $"Check GitHub:App:ClientId against the App's settings page, and that the App was made at the GitHub of {Address}.");
        }
        catch (ForbiddenException exception)
        {
            IsReached = true;
            findings.Fault(Subject, $"GitHub refuses: {GitHubAnswer.Of(exception).Message}", "See the message; an enterprise's IP allow list must hold the broker's addresses.");
        }
        catch (ApiException exception)
        {
            GitHubFault.TellStranger(findings, Address, $"answers {(int)exception.StatusCode}");
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.CredentialRefused)
        {
            IsReached = true;
            findings.Fault(
                Subject,
                $"GitHub does not accept the App's key: {exception.GitHubMessage}",
                $"The private key must be one of the App's whose client id is {ClientId}: make a new one on the App's settings page, put it into GitHub:App:PrivateKeyPath, and check GitHub:App:ClientId.");
        }
        catch (FailureException exception) when (exception.Failure.Kind == FailureKinds.Moved)
        {
            GitHubFault.TellStranger(findings, Address, "answers with a redirect");
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            IsReached = !GitHubFault.IsUnreachable(exception);
            GitHubFault.Tell(findings, GitHubFault.Subject, Address, exception);
        }

        return null;
    }

    /// <summary>Holds what the App asks for against what the policies need.</summary>
    public void Compare(RegisteredApp app, IReadOnlyList<Permission> needed)
    {
        var lacking = needed.Where(permission => !permission.IsGrantedBy(app.Permissions.GetValueOrDefault(permission.Name))).ToList();
        foreach (var permission in lacking)
            findings.Fault(Subject, $"it does not ask for '{permission}', which policies need", "Add it on the App's settings page under Permissions; then every account that has installed it must approve.");

        var excess = app.Permissions
            .Where(asked => asked.Key != Metadata && !needed.Any(permission => permission.Name == asked.Key && (permission.Access == asked.Value || !permission.IsGrantedBy(asked.Value))))
            .OrderBy(asked => asked.Key, StringComparer.Ordinal)
            .Select(asked => $"{asked.Key}: {asked.Value}")
            .ToList();
        if (excess.Count > 0)
            findings.Warn(Subject, $"it asks for more than policies need: {string.Join(", ", excess)}", "Take it away on the App's settings page: whoever gets the App's key gets all of it.");
        if (lacking.Count == 0)
            findings.Ok(Subject, $"{app.Name} ({app.Slug}) is known by client id {ClientId}");
    }
}
