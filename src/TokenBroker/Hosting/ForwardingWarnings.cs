using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace TokenBroker.Hosting;

/// <summary>Says at start whose word on a client's address is taken that may not be a proxy's.</summary>
internal sealed partial class ForwardingWarnings(IOptions<ForwardingOptions> options, ILogger<ForwardingWarnings> logger) : IHostedService
{
    private const int WidestPrefix = 16;
    private const int WidestIPv6Prefix = 48;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Find(options.Value))
            Log.Unwise(logger, warning.Key, warning.Text);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Networks that hold more than proxies.</summary>
    internal static IEnumerable<ConfigurationWarning> Find(ForwardingOptions forwarding) =>
        from entry in forwarding.KnownNetworks.Index()
        let network = System.Net.IPNetwork.Parse(entry.Item)
        let widest = network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 ? WidestIPv6Prefix : WidestPrefix
        where network.PrefixLength < widest
        select new ConfigurationWarning(
            $"{ForwardingOptions.Section}:KnownNetworks:{entry.Index}",
            $"is wider than /{widest}; every machine in it can say that its requests come from another address, and so escape the limit on addresses");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
