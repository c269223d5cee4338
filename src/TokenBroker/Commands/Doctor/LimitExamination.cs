using System.Globalization;
using TokenBroker.GitHub;

namespace TokenBroker.Commands.Doctor;

/// <summary>What GitHub's answers said by the way: its time, and how much may still be asked.</summary>
internal sealed class LimitExamination(GitHubClock clock, GitHubQuota quota)
{
    private const int MostTold = 5;
    private static readonly TimeSpan LargestOffset = TimeSpan.FromSeconds(30);

    /// <summary>Tells it, after GitHub was asked.</summary>
    public void Tell(Findings findings, IReadOnlyList<Installation> installations)
    {
        TellClock(findings);
        var windows = quota.Windows.OrderBy(window => (double)window.Remaining / Math.Max(1, window.Limit)).ToList();
        if (windows.Count == 0)
            findings.Note("limits", "GitHub tells of none, as GitHub Enterprise Server does unless it is set up to");
        foreach (var window in windows.Where(IsNearlyUsedUp).Take(MostTold))
        {
            findings.Warn(
                "limits",
                string.Create(CultureInfo.InvariantCulture, $"{NameOf(window, installations)} has {window.Remaining} of {window.Limit} requests left until {window.ResetsAt.UtcDateTime:HH:mm} UTC ({window.Resource})"),
                "See who else asks by this credential, and what the broker is asked for (its metric token_broker.github.request.duration); reading runners costs more than tokens do.");
        }

        if (windows.Count > 0 && !windows.Exists(IsNearlyUsedUp))
            findings.Ok("limits", string.Join(", ", windows.Take(MostTold).Select(window => string.Create(CultureInfo.InvariantCulture, $"{NameOf(window, installations)} has {window.Remaining} of {window.Limit} requests left"))));
    }

    private void TellClock(Findings findings)
    {
        var offset = clock.Offset;
        if (offset.Duration() <= LargestOffset)
            findings.Ok("clock", "as GitHub's");
        else
            findings.Warn("clock", string.Create(CultureInfo.InvariantCulture, $"this machine's is {offset.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "behind" : "ahead of")} GitHub's"), "Set it by NTP: the broker makes up for it towards GitHub, but not where it checks callers' JWTs.");
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
