using System.Net;
using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

internal sealed class ForwardingOptionsValidator : IValidateOptions<ForwardingOptions>
{
    private const int MostProxies = 10;

    public ValidateOptionsResult Validate(string? name, ForwardingOptions options)
    {
        var faults = new List<string>();
        for (var index = 0; index < options.KnownProxies.Count; index++)
        {
            if (!IPAddress.TryParse(options.KnownProxies[index], out _))
                faults.Add($"{ForwardingOptions.Section}:KnownProxies:{index}: must be an IP address.");
        }

        for (var index = 0; index < options.KnownNetworks.Count; index++)
        {
            if (!System.Net.IPNetwork.TryParse(options.KnownNetworks[index], out var network))
                faults.Add($"{ForwardingOptions.Section}:KnownNetworks:{index}: must be a network such as 10.0.7.0/24.");
            else if (network.PrefixLength == 0)
                faults.Add($"{ForwardingOptions.Section}:KnownNetworks:{index}: is everybody; name the network that the proxies are in.");
        }

        if (options.ForwardLimit is < 1 or > MostProxies)
            faults.Add($"{ForwardingOptions.Section}:ForwardLimit: must be 1 to {MostProxies}.");

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
