using System.Collections.Concurrent;
using System.Globalization;

namespace TokenBroker.GitHub;

/// <summary>
/// What GitHub last said is left of its limits. Bounded: beyond a hundred, installations and resources are told together, by the one
/// that has the least left.
/// </summary>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
internal sealed class GitHubQuota(GitHubClock clock, QuotaReserve reserve)
{
    private const int MostWindows = 100;
    private const string Other = "other";
    private readonly ConcurrentDictionary<(string Credential, string Resource), Window> windows = new();

    /// <summary>What is known, without windows that have ended: nothing is known of the next one.</summary>
    public IReadOnlyList<Window> Windows
    {
        get
        {
            foreach (var (key, window) in windows.Where(entry => !IsRunning(entry.Value)))
                windows.TryRemove(new(key, window));
            return [.. windows.Values];
        }
    }

    /// <summary>Takes what an answer says.</summary>
    public void Observe(GitHubCredential credential, GitHubAnswer answer)
    {
        // Octokit takes what is missing or no number for 0, and GitHub Enterprise Server tells nothing unless it is set up to.
        var limit = answer.ApiInfo.RateLimit;
        var isTold = limit is { Limit: > 0, Remaining: >= 0, ResetAsUtcEpochSeconds: > 0 and <= RateLimitNotice.LatestReset };
        if (!isTold || answer.Header(RateLimitNotice.RemainingHeader) != limit.Remaining.ToString(CultureInfo.InvariantCulture))
            return;

        var resource = answer.Header(RateLimitNotice.ResourceHeader) ?? RateLimitNotice.CoreResource;
        var window = new Window(credential.Kind, credential.Id, resource, limit.Limit, limit.Remaining, limit.Reset);
        reserve.Observe(window);
        var key = (credential.Id, resource);
        if (windows.ContainsKey(key) || windows.Count < MostWindows)
            windows[key] = window;
        else
            windows.AddOrUpdate((Other, credential.Kind.ToString()), window.AsOther(), (_, known) => IsRunning(known) && known.Remaining < window.Remaining ? known : window.AsOther());
    }

    private bool IsRunning(Window window) => window.ResetsAt > clock.GetUtcNow();

    /// <summary>One credential's limit on one resource, as GitHub counts it.</summary>
    internal sealed record Window(GitHubCredentialKind Kind, string Credential, string Resource, long Limit, long Remaining, DateTimeOffset ResetsAt)
    {
        public Window AsOther() => this with { Credential = Other, Resource = Other };
    }
}
