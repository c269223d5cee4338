using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>Section <c>ForwardedHeaders</c>: which proxies are trusted with a caller's address, host and scheme. Default: none.</summary>
public sealed class ForwardingOptions
{
    public const string Section = "ForwardedHeaders";

    /// <summary>Addresses of proxies, such as <c>10.0.7.5</c>, without leading zeros. Default: none.</summary>
    public List<string> KnownProxies { get; init; } = [];

    /// <summary>Networks of proxies, such as <c>10.0.7.0/24</c>: any machine in one can state any client address. Default: none.</summary>
    public List<string> KnownNetworks { get; init; } = [];

    /// <summary>How many proxies are chained in front of the broker; further entries are not trusted. From 1 to 10; default 1.</summary>
    [Range(1, 10)]
    public int ForwardLimit { get; init; } = 1;
}

internal sealed class ForwardingOptionsValidator : IValidateOptions<ForwardingOptions>
{
    private const string Section = ForwardingOptions.Section;

    public ValidateOptionsResult Validate(string? name, ForwardingOptions options)
    {
        var faults = new List<string>();
        for (var index = 0; index < options.KnownProxies.Count; index++)
        {
            if (!IsAddress(options.KnownProxies[index]))
                faults.Add($"{Section}:KnownProxies:{index}: must be an IP address such as 10.0.7.5, without leading zeros.");
        }

        for (var index = 0; index < options.KnownNetworks.Count; index++)
        {
            var text = options.KnownNetworks[index];
            if (!System.Net.IPNetwork.TryParse(text, out var network) || !IsAddress(text.Split('/')[0]))
                faults.Add($"{Section}:KnownNetworks:{index}: must be a network such as 10.0.7.0/24, without leading zeros.");
            else if (network.PrefixLength == 0)
                faults.Add($"{Section}:KnownNetworks:{index}: is every address; name the network of the proxies.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    // The parser accepts octal numbers and short forms, as C does: "010.0.0.1" is 8.0.0.1, "10.1" is 10.0.0.1, so that another machine
    // would be trusted. An IPv6 address can be written in many ways, but the IPv4 address at its end in one. Brackets may hold a port,
    // which would be ignored.
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

internal static class ForwardingWarnings
{
    private const int WidestPrefix = 16;
    private const int WidestIPv6Prefix = 48;

    /// <summary>Networks so wide that they hold more than proxies.</summary>
    public static IEnumerable<ConfigurationWarning> Find(ForwardingOptions forwarding) =>
        from entry in forwarding.KnownNetworks.Index()
        let network = System.Net.IPNetwork.Parse(entry.Item)
        let widest = network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? WidestIPv6Prefix : WidestPrefix
        where network.PrefixLength < widest
        select new ConfigurationWarning(
            $"{ForwardingOptions.Section}:KnownNetworks:{entry.Index}",
            $"is wider than /{widest}; every machine in it can claim any client address, and so escape the limit per address");
}
