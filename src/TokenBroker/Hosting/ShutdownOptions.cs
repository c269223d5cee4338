namespace TokenBroker.Hosting;

/// <summary>Section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Shutdown";

    /// <summary>
    /// How long the listener goes on after SIGTERM while <c>/readyz</c> says 503, so that load balancers look elsewhere first.
    /// From zero to 5 minutes; default 5 seconds.
    /// </summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(5);
}
