using System.Globalization;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>
/// Checks that the App can do at one owner what the policies allow there. It requests tokens narrowed to the scope and the permission,
/// and reads one runner; it creates nothing that lasts.
/// </summary>
internal sealed class OwnerCheck(
    ScopeClient scopes, InstallationTokens tokens, CallTimeout timeout, IOptions<GitHubOptions> options, RegisteredApp app)
{
    /// <param name="results">Receives the results.</param>
    /// <param name="owner">The account.</param>
    /// <param name="targets">The owner's scopes in policies.</param>
    /// <param name="installation">The App's installation; null if there is none.</param>
    /// <param name="cancellation">Cancels the check.</param>
    public async Task RunAsync(
        CheckResults results,
        string owner,
        IReadOnlyList<PolicyTarget> targets,
        Installation? installation,
        CancellationToken cancellation)
    {
        if (installation is null)
        {
            results.Fault(
                owner,
                $"the App is not installed there, but {string.Join(", ", targets)} is in {PolicyTarget.DescribePolicies(targets)}",
                $"Install it: {app.HtmlUrl}/installations/new. Or remove the scopes from the policies.");
            return;
        }

        if (installation.SuspendedAt is not null)
        {
            results.Fault(
                owner,
                "the App's installation is suspended",
                "An owner of the account can unsuspend it under Settings, GitHub Apps, Configure.");
            return;
        }

        var granted = new List<PolicyTarget>();
        foreach (var group in targets.GroupBy(target => target.Permission))
        {
            if (installation.Grants(group.Key))
                granted.AddRange(group);
            else if (group.Key.IsGrantedBy(app.Permissions.GetValueOrDefault(group.Key.Name)))
                ReportUnapproved(results, owner, group.Key, [.. group]);
        }

        var usable = new List<PolicyTarget>();
        foreach (var target in granted)
        {
            if (await IsUsableAsync(results, target, installation, cancellation))
                usable.Add(target);
        }

        if (usable.Count > 0)
        {
            results.Ok(owner, string.Create(
                CultureInfo.InvariantCulture, $"installation {installation.Id} works for {string.Join(", ", usable)}"));
        }
    }

    private async Task<bool> IsUsableAsync(
        CheckResults results, PolicyTarget target, Installation installation, CancellationToken cancellation)
    {
        if (target.Kind == ScopeKind.Organization && installation.Account?.Type == "User")
        {
            results.Fault(
                target.ToString(),
                "this is a personal account, which has no runners of its own",
                $"Name repositories in {target.DescribePolicies()}: repos/{target.Owner}/REPO.");
            return false;
        }

        try
        {
            if (target.Scope is { } scope)
            {
                var page = RunnerClient.FirstPage(scope);
                await timeout.RunAsync(token => scopes.SendAsync(scope, target.Permission, page, token), cancellation);
                return true;
            }

            _ = await timeout.RunAsync(
                token => tokens.RequestAsync(installation.Id, target.Owner, repository: null, target.Permission, token), cancellation);
            return true;
        }
        catch (Octokit.ApiException refused)
        {
            ReportRefusal(results, target, GitHubAnswer.FromException(refused).Message);
            return false;
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            ReportFailure(results, target, exception);
            return false;
        }
    }

    private void ReportFailure(CheckResults results, PolicyTarget target, Exception exception)
    {
        var failure = (exception as FailureException)?.Failure;
        if (failure?.Kind == FailureKinds.NotInstalled)
            ReportMissing(results, target);
        else if (failure?.Kind == FailureKinds.Moved)
        {
            results.Fault(
                target.ToString(),
                "it was renamed or moved, and the broker does not follow redirects",
                $"Write its new name into {target.DescribePolicies()}.");
        }
        else if (failure?.Kind == FailureKinds.MissingPermission)
            ReportUnapproved(results, target.Owner, target.Permission, [target]);
        else if (failure?.Kind == FailureKinds.RefusedByGitHub)
            ReportRefusal(results, target, failure.Detail);
        else
            GitHubFault.Report(results, target.ToString(), options.Value.ApiUrl, exception);
    }

    private static void ReportMissing(CheckResults results, PolicyTarget target)
    {
        if (target.Kind == ScopeKind.Repository)
        {
            results.Fault(
                target.ToString(),
                $"it does not exist, or the App's installation on '{target.Owner}' does not include it",
                $"Correct {target.DescribePolicies()}, or select it under the account's Settings, GitHub Apps, Configure.");
            return;
        }

        results.Fault(
            target.ToString(),
            "the organization does not exist, or GitHub does not let the App see its runners",
            $"Check the name in {target.DescribePolicies()}.");
    }

    private static void ReportUnapproved(
        CheckResults results, string owner, Permission permission, IReadOnlyList<PolicyTarget> targets) => results.Fault(
        owner,
        $"the installation lacks '{permission}', which {string.Join(", ", targets)} need{(targets.Count == 1 ? "s" : "")}",
        "The App requests it, but no owner of the account has approved it: Settings, GitHub Apps, Review request.");

    private static void ReportRefusal(CheckResults results, PolicyTarget target, string message)
    {
        bool Mentions(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);

        var advice =
            Mentions("allow list") ? "Add the broker's addresses to the organization's IP allow list."
            : Mentions("disabled") ? "Allow self-hosted runners in the organization's or the enterprise's Settings, Actions, Runners."
            : Mentions("not accessible")
                ? $"The App needs '{target.Permission}' there: add it on its settings page, and have an account owner approve it."
            : "GitHub's message is all that is known here. An owner of the account may know more.";
        results.Fault(target.ToString(), $"GitHub refuses: {message}", advice);
    }
}
