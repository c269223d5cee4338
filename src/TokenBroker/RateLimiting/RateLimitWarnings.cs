using TokenBroker.Configuration;

namespace TokenBroker.RateLimiting;

/// <summary>Limits that limit nobody.</summary>
internal static class RateLimitWarnings
{
    /// <summary>Limits that are switched off.</summary>
    public static IEnumerable<ConfigurationWarning> Find(RateLimitOptions limits)
    {
        if (limits.RequestsPerMinute == 0)
            yield return new ConfigurationWarning($"{RateLimitOptions.Section}:RequestsPerMinute", "0 switches every limit off; one caller can use up GitHub's rate limit, and a stranger the broker's time");
    }
}
