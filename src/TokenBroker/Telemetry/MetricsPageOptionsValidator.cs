using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

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
        if (options.Port is < 1 or > IPEndPoint.MaxPort)
            yield return $"{Port}: must be from 1 to {IPEndPoint.MaxPort}.";
        else if (options.Port is { } port && ListeningAddresses.Find(configuration).Any(address => address.Port == port))
            yield return $"{Port}: the API listens on {port}; the metrics need a port of their own.";
        if (options.Address is { } address && !IPAddress.TryParse(address, out _))
            yield return $"{Address}: must be an IP address.";
    }
}
