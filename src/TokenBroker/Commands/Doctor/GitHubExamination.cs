using System.Globalization;
using Microsoft.Extensions.Options;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>Everything that the broker needs of GitHub: the App, its installations, the enterprise token, the clock and the limits.</summary>
internal sealed class GitHubExamination(IServiceProvider services) : Examination
{
    private const string App = "GitHub App";
    private const string EnterpriseToken = "enterprise token";
    private const int MostPlaces = 100;
    private const int AtOnce = 8;
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(15);

    private readonly IOptions<GitHubOptions> options = services.GetRequiredService<IOptions<GitHubOptions>>();
    private readonly GitHubSecrets secrets = services.GetRequiredService<GitHubSecrets>();
    private readonly AppDirectory directory = services.GetRequiredService<AppDirectory>();
    private readonly Questions questions = new(services.GetRequiredService<TimeProvider>(), LongestQuestion);
    private readonly PolicyReach reach = PolicyReach.Of(services.GetRequiredService<Policies>().Current);
    private IReadOnlyList<Installation> installations = [];

    public override string Subject => GitHubFault.Subject;

    public override async Task RunAsync(Findings findings, CancellationToken cancellation)
    {
        foreach (var rule in reach.Open)
            findings.Note(rule, "only a caller tells whose it is, so GitHub cannot be asked");
        if (reach.Places.Count > MostPlaces)
            findings.Note(Subject, string.Create(CultureInfo.InvariantCulture, $"policies name {reach.Places.Count} places; GitHub is asked about the first {MostPlaces}"));

        var isReached = await ExamineAppAsync(findings, cancellation);
        if (isReached != false && (await ExamineEnterprisesAsync(findings, cancellation) ?? isReached) == true)
            ActivatorUtilities.CreateInstance<LimitExamination>(services).Tell(findings, installations);
    }

    // Whether GitHub can be reached; null where it was not asked.
    private async Task<bool?> ExamineAppAsync(Findings findings, CancellationToken cancellation)
    {
        if (secrets.App is null)
        {
            if (reach.Permissions.Count > 0)
                findings.Fault(App, "policies name repositories or organizations, and there is no App", "Set GitHub:App:ClientId and GitHub:App:PrivateKeyPath, or take these scopes out of the policies.");
            return null;
        }

        var examination = new AppExamination(directory, questions, options, findings);
        if (await examination.FindAsync(cancellation) is { } app)
        {
            examination.Compare(app, reach.Permissions);
            await ExamineOwnersAsync(findings, app, cancellation);
        }

        return examination.IsReached;
    }

    private async Task ExamineOwnersAsync(Findings findings, RegisteredApp app, CancellationToken cancellation)
    {
        bool areAll;
        try
        {
            (installations, areAll) = await questions.AskAsync(directory.ListAsync, cancellation);
        }
        catch (Octokit.ApiException refused)
        {
            findings.Fault("installations", $"GitHub refuses: {GitHubAnswer.Of(refused).Message}", "See the message: without the list, what is installed is not known.");
            return;
        }
        catch (Exception exception) when (exception is FailureException or TimeoutException)
        {
            GitHubFault.Tell(findings, "installations", options.Value.ApiUrl, exception);
            return;
        }

        var byOwner = installations.ToLookup(installation => installation.Account?.Login ?? "", StringComparer.OrdinalIgnoreCase);
        var owners = reach.Places.Take(MostPlaces).Where(place => place.Kind != ScopeKind.Enterprise).GroupBy(place => place.Owner)
            .Select(places => (Name: places.Key, Places: places.ToList(), Installation: byOwner[places.Key].FirstOrDefault(), Findings: new Findings()))
            .ToList();
        var examination = new OwnerExamination(services.GetRequiredService<ScopeClient>(), services.GetRequiredService<InstallationTokens>(), questions, options, app);
        try
        {
            await Parallel.ForEachAsync(owners, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (owner, stopping) =>
            {
                if (owner.Installation is null && !areAll)
                    owner.Findings.Note(owner.Name, "the App has so many installations that this one was not found");
                else
                    await examination.RunAsync(owner.Findings, owner.Name, owner.Places, owner.Installation, stopping);
            });
        }
        finally
        {
            owners.ForEach(owner => findings.AddRange(owner.Findings));
        }
    }

    private async Task<bool?> ExamineEnterprisesAsync(Findings findings, CancellationToken cancellation)
    {
        if (secrets.EnterpriseToken is null)
        {
            if (reach.ReachesEnterprises)
                findings.Fault(EnterpriseToken, "policies name enterprises, and there is no token for them", "Set GitHub:EnterpriseTokenPath, or take these scopes out of the policies.");
            return null;
        }

        if (!reach.ReachesEnterprises)
            findings.Warn(EnterpriseToken, "no policy names an enterprise", "Take it out of the configuration: what is not needed cannot be lost.");
        var examination = new EnterpriseExamination(services.GetRequiredService<EnterpriseClient>(), questions, options, services.GetRequiredService<GitHubClock>(), findings);
        var enterprises = reach.Places.Take(MostPlaces).Where(place => place.Kind == ScopeKind.Enterprise).ToList();
        foreach (var place in enterprises)
            await examination.RunAsync(place, cancellation);
        return enterprises.Count == 0 ? null : examination.IsReached;
    }
}
