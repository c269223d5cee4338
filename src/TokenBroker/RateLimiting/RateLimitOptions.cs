using System.ComponentModel.DataAnnotations;
using TokenBroker.Configuration;

namespace TokenBroker.RateLimiting;

/// <summary>
/// Section <c>RateLimit</c>: how many requests one caller may send. Callers are distinguished by the <c>CallerId</c> of their issuer. Each
/// replica counts for itself.
/// </summary>
public sealed class RateLimitOptions
{
    public const string Section = "RateLimit";

    /// <summary>
    /// Requests per minute for one caller. A sixth of them may reach GitHub, because no cache holds their answer. Requests without a valid
    /// JWT, and for the Swagger page, have the same limit per address. 0 switches all three limits off. Default 120.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int RequestsPerMinute { get; set; } = 120;

    /// <summary>How many requests may come at once; a sixth of them, and at least one, may reach GitHub. At least 1; default 60.</summary>
    [Range(1, int.MaxValue)]
    public int Burst { get; set; } = 60;
}

internal static class RateLimitWarnings
{
    public static IEnumerable<ConfigurationWarning> Find(RateLimitOptions limits)
    {
        if (limits.RequestsPerMinute == 0)
        {
            yield return new ConfigurationWarning(
                $"{RateLimitOptions.Section}:RequestsPerMinute",
                "0 switches every limit off; one caller can use up GitHub's rate limit, and a stranger the broker's time");
        }
    }
}

internal static class RateLimitingRegistration
{
    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddStrictOptions<RateLimitOptions>(RateLimitOptions.Section);
        services.AddWarnings<RateLimitOptions>(RateLimitWarnings.Find);
        services.AddSingleton<RateLimits>();
    }
}
