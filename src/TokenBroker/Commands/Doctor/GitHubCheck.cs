using System.Globalization;
using Microsoft.Extensions.Options;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>Checks what the broker needs at GitHub: App, installations, enterprise token, clock and limits.</summary>
internal sealed class GitHubCheck(IServiceProvider services) : DoctorCheck
{
    private const string App = "GitHub App";
    private const string EnterpriseToken = "enterprise token";
    private const string InstallationList = "installations";
    private const int MostTargets = 100;
    private const int Concurrency = 8;
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(15);

    private readonly IOptions<GitHubOptions> options = services.GetRequiredService<IOptions<GitHubOptions>>();
    private readonly GitHubSecrets secrets = services.GetRequiredService<GitHubSecrets>();
    private readonly AppDirectory directory = services.GetRequiredService<AppDirectory>();
    private readonly CallTimeout timeout = new(services.GetRequiredService<TimeProvider>(), LongestCall);
    private readonly PolicyReach reach = PolicyReach.FromPolicies(services.GetRequiredService<PolicyStore>().Current);
    private IReadOnlyList<Installation> installations = [];

    public override string Subject => GitHubFault.Subject;

    private IEnumerable<PolicyTarget> Targets => reach.Targets.Take(MostTargets);

    public override async Task RunAsync(CheckResults results, CancellationToken cancellation)
    {
        foreach (var scope in reach.CallerDependent)
            results.Note(scope, "its owner depends on the caller, so it cannot be checked");
        if (reach.Targets.Count > MostTargets)
        {
            results.Note(Subject, string.Create(
                CultureInfo.InvariantCulture, $"policies name {reach.Targets.Count} scopes; only the first {MostTargets} are checked"));
        }

        var isReached = await CheckAppAsync(results, cancellation);
        if (isReached != false && (await CheckEnterprisesAsync(results, cancellation) ?? isReached) == true)
            ActivatorUtilities.CreateInstance<LimitCheck>(services).Run(results, installations);
    }

    // Whether GitHub can be reached; null if no request was made.
    private async Task<bool?> CheckAppAsync(CheckResults results, CancellationToken cancellation)
    {
        if (secrets.App is null)
        {
            if (reach.Permissions.Count > 0)
            {
                results.Fault(
                    App,
                    "policies name repositories or organizations, but no App is configured",
                    "Set GitHub:App:ClientId and GitHub:App:PrivateKeyPath, or remove these scopes from the policies.");
            }

            return null;
        }

        var check = new AppCheck(directory, timeout, options, results);
        if (await check.ReadAsync(cancellation) is { } app)
        {
            check.ComparePermissions(app, reach.Permissions);
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
            results.Fault(
                InstallationList,
                $"GitHub refuses: {GitHubAnswer.FromException(refused).Message}",
                "See the message. Without the list, the installations cannot be checked.");
            return;
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            GitHubFault.Report(results, InstallationList, options.Value.ApiUrl, exception);
            return;
        }

        var byOwner = installations.ToLookup(installation => installation.Account?.Login ?? "", StringComparer.OrdinalIgnoreCase);
        var owners = Targets
            .Where(target => target.Kind != ScopeKind.Enterprise)
            .GroupBy(target => target.Owner)
            .Select(group => new Owner(group.Key, [.. group], byOwner[group.Key].FirstOrDefault(), new CheckResults()))
            .ToList();
        var check = new OwnerCheck(
            services.GetRequiredService<ScopeClient>(), services.GetRequiredService<InstallationTokens>(), timeout, options, app);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellation };
        try
        {
            await Parallel.ForEachAsync(owners, parallel, async (owner, stopping) =>
            {
                if (owner.Installation is null && !areAll)
                    owner.Results.Note(owner.Name, "the App has too many installations to find this one");
                else
                    await check.RunAsync(owner.Results, owner.Name, owner.Targets, owner.Installation, stopping);
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
            {
                results.Fault(
                    EnterpriseToken,
                    "policies name enterprises, but no token for them is configured",
                    "Set GitHub:EnterpriseTokenPath, or remove these scopes from the policies.");
            }

            return null;
        }

        if (!reach.ReachesEnterprises)
        {
            results.Warn(
                EnterpriseToken,
                "no policy names an enterprise",
                "Remove it from the configuration: a token that is not there cannot leak.");
        }

        var check = new EnterpriseCheck(
            services.GetRequiredService<EnterpriseClient>(), timeout, options, services.GetRequiredService<GitHubClock>(), results);
        var enterprises = Targets.Where(target => target.Kind == ScopeKind.Enterprise).ToList();
        foreach (var enterprise in enterprises)
            await check.RunAsync(enterprise, cancellation);
        return enterprises.Count == 0 ? null : check.IsReached;
    }

    private sealed record Owner(string Name, IReadOnlyList<PolicyTarget> Targets, Installation? Installation, CheckResults Results);
}

/// <summary>Checks what GitHub's answers to the other checks revealed: its time, and the rate limits.</summary>
internal sealed class LimitCheck(GitHubClock clock, GitHubQuota quota)
{
    private const string Subject = "limits";
    private const int MostReported = 5;
    private static readonly TimeSpan LargestOffset = TimeSpan.FromSeconds(30);

    public void Run(CheckResults results, IReadOnlyList<Installation> installations)
    {
        CheckClock(results);
        var windows = quota.Windows.OrderBy(window => (double)window.Remaining / Math.Max(1, window.Limit)).ToList();
        if (windows.Count == 0)
            results.Note(Subject, "GitHub reports none. GitHub Enterprise Server has none unless they are enabled");
        foreach (var window in windows.Where(IsNearlyUsedUp).Take(MostReported))
        {
            results.Warn(
                Subject,
                Describe(window, installations) + string.Create(
                    CultureInfo.InvariantCulture, $" until {window.ResetsAt.UtcDateTime:HH:mm} UTC ({window.Resource})"),
                "Find out who else uses this credential, and what the broker is asked for (its metric "
                    + "token_broker.github.request.duration); reading runners takes more requests than tokens do.");
        }

        if (windows.Count > 0 && !windows.Exists(IsNearlyUsedUp))
            results.Ok(Subject, string.Join(", ", windows.Take(MostReported).Select(window => Describe(window, installations))));
    }

    private void CheckClock(CheckResults results)
    {
        var offset = clock.Offset;
        if (offset.Duration() <= LargestOffset)
        {
            results.Ok("clock", "agrees with GitHub's");
            return;
        }

        var direction = offset > TimeSpan.Zero ? "behind" : "ahead of";
        results.Warn(
            "clock",
            string.Create(CultureInfo.InvariantCulture, $"this machine's is {offset.Duration().TotalSeconds:0} s {direction} GitHub's"),
            "Synchronize it by NTP: the broker compensates when it calls GitHub, but not when it verifies callers' JWTs.");
    }

    private static bool IsNearlyUsedUp(GitHubQuota.Window window) => window.Remaining * 10 < window.Limit;

    private static string Describe(GitHubQuota.Window window, IReadOnlyList<Installation> installations) => string.Create(
        CultureInfo.InvariantCulture, $"{NameCredential(window, installations)} has {window.Remaining} of {window.Limit} requests left");

    private static string NameCredential(GitHubQuota.Window window, IReadOnlyList<Installation> installations)
    {
        if (window.Kind == GitHubCredentialKind.App)
            return "the App";
        if (window.Kind == GitHubCredentialKind.Enterprise)
            return "the enterprise token";
        var installation = installations.FirstOrDefault(one => window.Credential == InstallationToken.CredentialOf(one.Id));
        return installation?.Account?.Login is { } owner ? $"the installation on {owner}" : window.Credential;
    }
}
