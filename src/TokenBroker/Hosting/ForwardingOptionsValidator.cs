using System.Net;
using System.Net.Sockets;
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
            if (!IsAddress(options.KnownProxies[index]))
                faults.Add($"{ForwardingOptions.Section}:KnownProxies:{index}: must be an IP address such as 10.0.7.5, without zeros before its numbers.");
        }

        for (var index = 0; index < options.KnownNetworks.Count; index++)
        {
            var text = options.KnownNetworks[index];
            if (!System.Net.IPNetwork.TryParse(text, out var network) || !IsAddress(text.Split('/')[0]))
                faults.Add($"{ForwardingOptions.Section}:KnownNetworks:{index}: must be a network such as 10.0.7.0/24, without zeros before its numbers.");
            else if (network.PrefixLength == 0)
                faults.Add($"{ForwardingOptions.Section}:KnownNetworks:{index}: is everybody; name the network that the proxies are in.");
        }

        if (options.ForwardLimit is < 1 or > MostProxies)
            faults.Add($"{ForwardingOptions.Section}:ForwardLimit: must be 1 to {MostProxies}.");

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // The parser takes octal numbers and short forms, as C does: "010.0.0.1" is 8.0.0.1 to it, "10.1" is 10.0.0.1, and somebody else's word would be
    // believed. IPv6 has many ways to write one address, but the IPv4 address at its end has one. In brackets there may be a port, which would go unread.
    private static bool IsAddress(string? text)
    {
        if (text is null || text.StartsWith('[') || !IPAddress.TryParse(text, out var address))
            return false;
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return string.Equals(address.ToString(), text, StringComparison.Ordinal);
        var end = text[(text.LastIndexOf(':') + 1)..].Split('%')[0];
        return !end.Contains('.', StringComparison.Ordinal) || IsAddress(end);
    }
}
