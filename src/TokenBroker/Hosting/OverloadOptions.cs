namespace TokenBroker.Hosting;

/// <summary>Section <c>Overload</c>: how much one replica takes on.</summary>
public sealed class OverloadOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Overload";

    /// <summary>
    /// How many requests may be in flight in this replica; those beyond are answered 503 at once. Each may hold some tens of kilobytes while
    /// it waits, so 7,500 fit into the 512 MB that the chart gives. At least 1; default 7,500.
    /// </summary>
    public int MaxConcurrentRequests { get; set; } = 7_500;
}
