using TokenBroker.Caching;
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

    private static readonly Failure Reserved = new(FailureKinds.QuotaReserved, "Little is left of GitHub's rate limit for this broker, and it is kept for tokens.");

    private readonly BoundedMemory<Failure> reserved = new(clock, capacity: 10_000);

    /// <summary>How many windows are remembered.</summary>
    public int Count => reserved.Count;

    /// <summary>Throws if the call yields and little is left of what its credential may ask.</summary>
    public void ThrowIfReserved(GitHubCredential credential, GitHubCall call)
    {
        if (call.Yields && reserved.Recall(CredentialLimits.KeyOf(credential.Id, limits.ResourceOf(call)), out var left) is { } failure)
            throw new FailureException(failure with { RetryAfter = RateLimitNotice.Bound(left) });
    }

    /// <summary>Takes what an answer says is left.</summary>
    public void Observe(GitHubQuota.Window window)
    {
        var key = CredentialLimits.KeyOf(window.Credential, window.Resource);
        var left = window.ResetsAt - clock.GetUtcNow();
        if (left <= TimeSpan.Zero || window.Remaining >= window.Limit / (double)Share)
            reserved.Forget(key);
        else
            reserved.Remember(key, Reserved, RateLimitNotice.Bound(left));
    }
}
