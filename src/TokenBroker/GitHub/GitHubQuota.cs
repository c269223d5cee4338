using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;

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
    public void Observe(GitHubCredential credential, HttpResponseHeaders headers)
    {
        if (Number(headers, "x-ratelimit-limit") is not { } limit
            || Number(headers, "x-ratelimit-remaining") is not { } remaining
            || Number(headers, "x-ratelimit-reset") is not { } reset
            || reset > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return;
        }

        var resource = headers.TryGetValues("x-ratelimit-resource", out var values) ? values.First() : RateLimitNotice.CoreResource;
        var window = new Window(credential.Kind, credential.Id, resource, limit, remaining, DateTimeOffset.FromUnixTimeSeconds(reset));
        reserve.Observe(window);
        var key = (credential.Id, resource);
        if (windows.ContainsKey(key) || windows.Count < MostWindows)
            windows[key] = window;
        else
            windows.AddOrUpdate((Other, credential.Kind.ToString()), window.AsOther(), (_, known) => IsRunning(known) && known.Remaining < remaining ? known : window.AsOther());
    }

    private bool IsRunning(Window window) => window.ResetsAt > clock.GetUtcNow();

    private static long? Number(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>One credential's limit on one resource, as GitHub counts it.</summary>
    internal sealed record Window(GitHubCredentialKind Kind, string Credential, string Resource, long Limit, long Remaining, DateTimeOffset ResetsAt)
    {
        public Window AsOther() => this with { Credential = Other, Resource = Other };
    }
}
