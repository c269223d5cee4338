using System.Collections.Concurrent;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// Keeps the last tenth of a credential's limit for what makes tokens and deletes: what yields is refused without asking GitHub, until the
/// window ends or an answer says that more is left. Bounded: only windows that are nearly used up are remembered.
/// </summary>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations
internal sealed class QuotaReserve(CredentialLimits limits, GitHubClock clock)
{
    private const int Share = 10;
    private const int MostWindows = 10_000;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    // GitHub's windows last an hour; a reset that is further away is a mistake that must not last.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(2);

    private readonly ConcurrentDictionary<(string Credential, string Resource), DateTimeOffset> reserved = new();

    /// <summary>How many windows are remembered.</summary>
    public int Count => reserved.Count;

    /// <summary>Throws if the call yields and little is left of what its credential may ask.</summary>
    public void ThrowIfReserved(GitHubCredential credential, GitHubCall call)
    {
        if (!call.Yields || !reserved.TryGetValue((credential.Id, limits.ResourceOf(call)), out var end))
            return;
        var left = end - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return;
        throw new FailureException(new Failure(FailureKinds.QuotaReserved, "Little is left of GitHub's rate limit for this broker, and it is kept for tokens.")
        {
            RetryAfter = left < ShortestWait ? ShortestWait : left,
        });
    }

    /// <summary>Takes what an answer says is left.</summary>
    public void Observe(GitHubQuota.Window window)
    {
        var key = (window.Credential, window.Resource);
        if (window.Remaining >= window.Limit / (double)Share)
        {
            reserved.TryRemove(key, out _);
            return;
        }

        var now = clock.GetUtcNow();
        if (reserved.Count >= MostWindows && !reserved.ContainsKey(key))
            MakeRoom(now);
        reserved[key] = window.ResetsAt < now + LongestWait ? window.ResetsAt : now + LongestWait;
    }

    // Those that have ended; where all still run, those that end first.
    private void MakeRoom(DateTimeOffset now)
    {
        var known = reserved.ToArray();
        foreach (var entry in known.Where(entry => entry.Value <= now))
            reserved.TryRemove(entry);
        if (reserved.Count < MostWindows)
            return;
        foreach (var entry in known.OrderBy(entry => entry.Value).Take(MostWindows / Share))
            reserved.TryRemove(entry);
    }
}
