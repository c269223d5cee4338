using System.Net.Sockets;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>Whose word on a client's address is taken that may not be a proxy's.</summary>
internal static class ForwardingWarnings
{
    private const int WidestPrefix = 16;
    private const int WidestIPv6Prefix = 48;

    /// <summary>Networks that hold more than proxies.</summary>
    public static IEnumerable<ConfigurationWarning> Find(ForwardingOptions forwarding) =>
        from entry in forwarding.KnownNetworks.Index()
        let network = System.Net.IPNetwork.Parse(entry.Item)
        let widest = network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? WidestIPv6Prefix : WidestPrefix
        where network.PrefixLength < widest
        select new ConfigurationWarning(
            $"{ForwardingOptions.Section}:KnownNetworks:{entry.Index}",
            $"is wider than /{widest}; every machine in it can say that its requests come from another address, and so escape the limit on addresses");
}
