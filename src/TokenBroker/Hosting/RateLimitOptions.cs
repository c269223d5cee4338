namespace TokenBroker.Hosting;

/// <summary>Section <c>RateLimit</c>: how often one caller may ask.</summary>
public sealed class RateLimitOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "RateLimit";

    /// <summary>Requests a minute for a caller; 0 switches every limit of this section off. Default 120.</summary>
    public int RequestsPerMinute { get; set; } = 120;

    /// <summary>How many requests may come at once. At least 1; default 60.</summary>
    public int Burst { get; set; } = 60;
}
