using System.Globalization;
using Microsoft.Extensions.Options;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>Everything that the broker needs of GitHub: the App, its installations, the enterprise token, the clock and the limits.</summary>
internal sealed class GitHubCheck(IServiceProvider services) : DoctorCheck
{
    private const string App = "GitHub App";
    private const string EnterpriseToken = "enterprise token";
    private const int MostPlaces = 100;
    private const int AtOnce = 8;
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(15);

    private readonly IOptions<GitHubOptions> options = services.GetRequiredService<IOptions<GitHubOptions>>();
    private readonly GitHubSecrets secrets = services.GetRequiredService<GitHubSecrets>();
    private readonly AppDirectory directory = services.GetRequiredService<AppDirectory>();
    private readonly CallTimeout timeout = new(services.GetRequiredService<TimeProvider>(), LongestQuestion);
    private readonly PolicyReach reach = PolicyReach.Of(services.GetRequiredService<Policies>().Current);
    private IReadOnlyList<Installation> installations = [];

    public override string Subject => GitHubFault.Subject;

    public override async Task RunAsync(CheckResults results, CancellationToken cancellation)
    {
        foreach (var rule in reach.Open)
            results.Note(rule, "only a caller tells whose it is, so GitHub cannot be asked");
        if (reach.Places.Count > MostPlaces)
            results.Note(Subject, string.Create(CultureInfo.InvariantCulture, $"policies name {reach.Places.Count} places; GitHub is asked about the first {MostPlaces}"));

        var isReached = await CheckAppAsync(results, cancellation);
        if (isReached != false && (await CheckEnterprisesAsync(results, cancellation) ?? isReached) == true)
            ActivatorUtilities.CreateInstance<LimitCheck>(services).Tell(results, installations);
    }

    // Whether GitHub can be reached; null where it was not asked.
    private async Task<bool?> CheckAppAsync(CheckResults results, CancellationToken cancellation)
    {
        if (secrets.App is null)
        {
            if (reach.Permissions.Count > 0)
                results.Fault(App, "policies name repositories or organizations, and there is no App", "Set GitHub:App:ClientId and GitHub:App:PrivateKeyPath, or take these scopes out of the policies.");
            return null;
        }

        var check = new AppCheck(directory, timeout, options, results);
        if (await check.FindAsync(cancellation) is { } app)
        {
            check.Compare(app, reach.Permissions);
            await CheckOwnersAsync(results, app, cancellation);
        }

        return check.IsReached;
    }

    private async Task CheckOwnersAsync(CheckResults results, RegisteredApp app, CancellationToken cancellation)
    {
        bool areAll;
        try
        {
            (installations, areAll) = await timeout.RunAsync(directory.ListAsync, cancellation);
        }
        catch (Octokit.ApiException refused)
        {
            results.Fault("installations", $"GitHub refuses: {GitHubAnswer.Of(refused).Message}", "See the message: without the list, what is installed is not known.");
            return;
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            GitHubFault.Tell(results, "installations", options.Value.ApiUrl, exception);
            return;
        }

        var byOwner = installations.ToLookup(installation => installation.Account?.Login ?? "", StringComparer.OrdinalIgnoreCase);
        var owners = reach.Places.Take(MostPlaces).Where(place => place.Kind != ScopeKind.Enterprise).GroupBy(place => place.Owner)
            .Select(places => (Name: places.Key, Places: places.ToList(), Installation: byOwner[places.Key].FirstOrDefault(), Results: new CheckResults()))
            .ToList();
        var check = new OwnerCheck(services.GetRequiredService<ScopeClient>(), services.GetRequiredService<InstallationTokens>(), timeout, options, app);
        try
        {
            await Parallel.ForEachAsync(owners, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (owner, stopping) =>
            {
                if (owner.Installation is null && !areAll)
                    owner.Results.Note(owner.Name, "the App has so many installations that this one was not found");
                else
                    await check.RunAsync(owner.Results, owner.Name, owner.Places, owner.Installation, stopping);
            });
        }
        finally
        {
            owners.ForEach(owner => results.AddRange(owner.Results));
        }
    }

    private async Task<bool?> CheckEnterprisesAsync(CheckResults results, CancellationToken cancellation)
    {
        if (secrets.EnterpriseToken is null)
        {
            if (reach.ReachesEnterprises)
                results.Fault(EnterpriseToken, "policies name enterprises, and there is no token for them", "Set GitHub:EnterpriseTokenPath, or take these scopes out of the policies.");
            return null;
        }

        if (!reach.ReachesEnterprises)
            results.Warn(EnterpriseToken, "no policy names an enterprise", "Take it out of the configuration: what is not needed cannot be lost.");
        var check = new EnterpriseCheck(services.GetRequiredService<EnterpriseClient>(), timeout, options, services.GetRequiredService<GitHubClock>(), results);
        var enterprises = reach.Places.Take(MostPlaces).Where(place => place.Kind == ScopeKind.Enterprise).ToList();
        foreach (var place in enterprises)
            await check.RunAsync(place, cancellation);
        return enterprises.Count == 0 ? null : check.IsReached;
    }
}

/// <summary>What GitHub's answers said by the way: its time, and how much may still be asked.</summary>
internal sealed class LimitCheck(GitHubClock clock, GitHubQuota quota)
{
    private const int MostTold = 5;
    private static readonly TimeSpan LargestOffset = TimeSpan.FromSeconds(30);

    /// <summary>Tells it, after GitHub was asked.</summary>
    public void Tell(CheckResults results, IReadOnlyList<Installation> installations)
    {
        TellClock(results);
        var windows = quota.Windows.OrderBy(window => (double)window.Remaining / Math.Max(1, window.Limit)).ToList();
        if (windows.Count == 0)
            results.Note("limits", "GitHub tells of none, as GitHub Enterprise Server does unless it is set up to");
        foreach (var window in windows.Where(IsNearlyUsedUp).Take(MostTold))
        {
            results.Warn(
                "limits",
                string.Create(CultureInfo.InvariantCulture, $"{NameOf(window, installations)} has {window.Remaining} of {window.Limit} requests left until {window.ResetsAt.UtcDateTime:HH:mm} UTC ({window.Resource})"),
                "See who else asks by this credential, and what the broker is asked for (its metric token_broker.github.request.duration); reading runners costs more than tokens do.");
        }

        if (windows.Count > 0 && !windows.Exists(IsNearlyUsedUp))
            results.Ok("limits", string.Join(", ", windows.Take(MostTold).Select(window => string.Create(CultureInfo.InvariantCulture, $"{NameOf(window, installations)} has {window.Remaining} of {window.Limit} requests left"))));
    }

    private void TellClock(CheckResults results)
    {
        var offset = clock.Offset;
        if (offset.Duration() <= LargestOffset)
            results.Ok("clock", "as GitHub's");
        else
            results.Warn("clock", string.Create(CultureInfo.InvariantCulture, $"this machine's is {offset.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "behind" : "ahead of")} GitHub's"), "Set it by NTP: the broker makes up for it towards GitHub, but not where it checks callers' JWTs.");
    }

    private static bool IsNearlyUsedUp(GitHubQuota.Window window) => window.Remaining * 10 < window.Limit;

    private static string NameOf(GitHubQuota.Window window, IReadOnlyList<Installation> installations) => window.Kind switch
    {
        GitHubCredentialKind.App => "the App",
        GitHubCredentialKind.Enterprise => "the enterprise token",
        _ => installations.FirstOrDefault(installation => window.Credential == InstallationToken.CredentialOf(installation.Id))?.Account?.Login is { } owner
            ? $"the installation on {owner}"
            : window.Credential,
    };
}
