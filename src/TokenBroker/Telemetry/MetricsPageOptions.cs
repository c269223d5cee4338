namespace TokenBroker.Telemetry;

/// <summary>Section <c>MetricsPage</c>: a page of the metrics, on a port where nothing else answers.</summary>
public sealed class MetricsPageOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "MetricsPage";

    /// <summary>
    /// The port of <c>GET /metrics</c>, which asks nobody who they are: let only Prometheus reach it. From 1 to 65535, and none that the
    /// API listens on. Default: none, and no page.
    /// </summary>
    public int? Port { get; set; }

    /// <summary>The IP address that the port is opened on, such as <c>127.0.0.1</c>. Default: every address of the machine.</summary>
    public string? Address { get; set; }
}
