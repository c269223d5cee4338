using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

/// <summary>Section <c>MetricsPage</c>: the metrics for Prometheus, on a separate port.</summary>
public sealed class MetricsPageOptions
{
    public const string Section = "MetricsPage";

    /// <summary>
    /// The port of <c>GET /metrics</c>, which needs no authentication: let only Prometheus reach it. From 1 to 65535, and not a port of the
    /// API. Default: none, and no page.
    /// </summary>
    [Range(1, IPEndPoint.MaxPort)]
    public int? Port { get; set; }

    /// <summary>The IP address to listen on, such as <c>127.0.0.1</c>. Default: every address of the machine.</summary>
    public string? Address { get; set; }
}

internal sealed class MetricsPageOptionsValidator(IConfiguration configuration) : IValidateOptions<MetricsPageOptions>
{
    private const string Port = $"{MetricsPageOptions.Section}:{nameof(MetricsPageOptions.Port)}";
    private const string Address = $"{MetricsPageOptions.Section}:{nameof(MetricsPageOptions.Address)}";

    public ValidateOptionsResult Validate(string? name, MetricsPageOptions options)
    {
        var faults = FindFaults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> FindFaults(MetricsPageOptions options)
    {
        if (options.Port is { } port && ListeningAddresses.Find(configuration).Any(address => address.Port == port))
            yield return $"{Port}: the API listens on {port}; the metrics need a separate port.";
        if (options.Address is { } address && !IPAddress.TryParse(address, out _))
            yield return $"{Address}: must be an IP address.";
    }
}
