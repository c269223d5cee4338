namespace TokenBroker.RateLimiting;

/// <summary>
/// Section <c>RateLimit</c>: how often one caller may ask. Callers are told apart by the <c>CallerId</c> of their issuer. Each replica
/// counts for itself.
/// </summary>
public sealed class RateLimitOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "RateLimit";

    /// <summary>
    /// Requests a minute for a caller. A sixth of them may be such that GitHub is asked, for what no cache holds. Whoever comes
    /// without a valid JWT, or for the Swagger page, may ask as often as a caller, by address. 0 switches all three limits off. Default 120.
    /// </summary>
    public int RequestsPerMinute { get; set; } = 120;

    /// <summary>How many requests may come at once; a sixth of them, and at least one, such that GitHub is asked. At least 1; default 60.</summary>
    public int Burst { get; set; } = 60;
}
