using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.Observability.Prometheus;

internal sealed class PrometheusOptionsValidator(IConfiguration configuration) : IValidateOptions<PrometheusOptions>
{
    private const string Port = $"{PrometheusOptions.Section}:{nameof(PrometheusOptions.Port)}";
    private const string Address = $"{PrometheusOptions.Section}:{nameof(PrometheusOptions.Address)}";

    public ValidateOptionsResult Validate(string? name, PrometheusOptions options)
    {
        var faults = FindFaults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private IEnumerable<string> FindFaults(PrometheusOptions options)
    {
        if (options.Port is < 1 or > IPEndPoint.MaxPort)
            yield return $"{Port}: must be from 1 to {IPEndPoint.MaxPort}.";
        else if (ListeningAddresses.Find(configuration).Any(address => address.Port == options.Port))
            yield return $"{Port}: the API listens on {options.Port}; the metrics need a port of their own.";
        if (options.Address is { } address && !IPAddress.TryParse(address, out _))
            yield return $"{Address}: must be an IP address.";
    }
}
