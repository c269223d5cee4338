using System.Globalization;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>
/// Whether the App may do for the places that policies name what the policies allow there. It is tried out with a token narrowed to
/// the place and the permission, and by looking at one runner; nothing is made that lasts.
/// </summary>
internal sealed class OwnerCheck(ScopeClient scopes, InstallationTokens tokens, CallTimeout timeout, IOptions<GitHubOptions> options, RegisteredApp app)
{
    /// <summary>Examines one owner's places.</summary>
    /// <param name="results">Where to tell.</param>
    /// <param name="owner">The account.</param>
    /// <param name="places">What policies name of it.</param>
    /// <param name="installation">Its installation; null where it has none.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(CheckResults results, string owner, IReadOnlyList<PolicyTarget> places, Installation? installation, CancellationToken cancellation)
    {
        if (installation is null)
        {
            results.Fault(
                owner,
                $"the App is not installed there, and {Policies(places)} name {string.Join(", ", places)}",
                $"Install it: {app.HtmlUrl}/installations/new. Or take the scopes out of the policies.");
            return;
        }

        if (installation.SuspendedAt is not null)
        {
            results.Fault(owner, "the App's installation is suspended", "An owner of the account unsuspends it under Settings, GitHub Apps, Configure.");
            return;
        }

        var granted = new List<PolicyTarget>();
        foreach (var group in places.GroupBy(place => place.Permission))
        {
            if (installation.Grants(group.Key))
                granted.AddRange(group);
            else if (group.Key.IsGrantedBy(app.Permissions.GetValueOrDefault(group.Key.Name)))
                TellPending(results, owner, group.Key, group);
        }

        var usable = new List<PolicyTarget>();
        foreach (var place in granted)
        {
            if (await IsUsableAsync(results, place, installation, cancellation))
                usable.Add(place);
        }

        if (usable.Count > 0)
            results.Ok(owner, string.Create(CultureInfo.InvariantCulture, $"installation {installation.Id} serves {string.Join(", ", usable)}"));
    }

    private async Task<bool> IsUsableAsync(CheckResults results, PolicyTarget place, Installation installation, CancellationToken cancellation)
    {
        if (place.Kind == ScopeKind.Organization && installation.Account?.Type == "User")
        {
            results.Fault(place.ToString(), "this is a person's account, which has no runners of its own", $"Let {Policies([place])} name repositories: repos/{place.Owner}/REPO.");
            return false;
        }

        try
        {
            if (place.Scope is { } scope)
            {
                await timeout.RunAsync(token => scopes.SendAsync(scope, place.Permission, RunnerClient.FirstPage(scope), token), cancellation);
                return true;
            }

            _ = await timeout.RunAsync(token => tokens.RequestAsync(installation.Id, place.Owner, repository: null, place.Permission, token), cancellation);
            return true;
        }
        catch (Octokit.ApiException refused)
        {
            TellRefusal(results, place, GitHubAnswer.Of(refused).Message);
            return false;
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            Tell(results, place, exception);
            return false;
        }
    }

    private void Tell(CheckResults results, PolicyTarget place, Exception exception)
    {
        var failure = (exception as FailureException)?.Failure;
        if (failure?.Kind == FailureKinds.NotInstalled && place.Kind == ScopeKind.Repository)
            results.Fault(place.ToString(), $"the App's installation on '{place.Owner}' does not cover this repository, or there is none of that name", $"Select it under the account's Settings, GitHub Apps, Configure; or correct {Policies([place])}.");
        else if (failure?.Kind == FailureKinds.NotInstalled)
            results.Fault(place.ToString(), "GitHub knows no such organization, or lets the App see no runners of it", $"Check the name in {Policies([place])}.");
        else if (failure?.Kind == FailureKinds.Moved)
            results.Fault(place.ToString(), "it was renamed or moved, and the broker follows no redirect", $"Write its new name into {Policies([place])}.");
        else if (failure?.Kind == FailureKinds.MissingPermission)
            TellPending(results, place.Owner, place.Permission, [place]);
        else if (failure?.Kind == FailureKinds.RefusedByGitHub)
            TellRefusal(results, place, failure.Detail);
        else
            GitHubFault.Tell(results, place.ToString(), options.Value.ApiUrl, exception);
    }

    private static void TellPending(CheckResults results, string owner, Permission permission, IEnumerable<PolicyTarget> places) => results.Fault(
        owner,
        $"the installation lacks '{permission}', which {string.Join(", ", places)} need{(places.Count() == 1 ? "s" : "")}",
        "The App asks for it, and an owner of the account has not approved: Settings, GitHub Apps, Review request.");

    private static void TellRefusal(CheckResults results, PolicyTarget place, string message) => results.Fault(
        place.ToString(),
        $"GitHub refuses: {message}",
        message.Contains("allow list", StringComparison.OrdinalIgnoreCase) ? "Add the addresses that the broker calls from to the organization's IP allow list."
            : message.Contains("disabled", StringComparison.OrdinalIgnoreCase) ? "Allow self-hosted runners there: the organization's or the enterprise's Settings, Actions, Runners."
            : message.Contains("not accessible", StringComparison.OrdinalIgnoreCase) ? $"The App needs '{place.Permission}' there: see its settings page, and let an owner of the account approve."
            : "An owner of the account can tell why; GitHub's message is all that is known here.");

    private static string Policies(IEnumerable<PolicyTarget> places) =>
        string.Join(", ", places.SelectMany(place => place.Policies).Distinct(StringComparer.Ordinal).Select(name => $"policy '{name}'"));
}
