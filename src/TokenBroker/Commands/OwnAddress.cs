using TokenBroker.Configuration;


namespace TokenBroker.Commands;

/// <summary>Where a broker that is configured as this process is would listen, seen from the same machine.</summary>
internal static class OwnAddress
{
    /// <summary>Reads the configuration that the broker reads: from the same files and the same environment.</summary>
    public static Uri Find() => Find(CommandConfiguration.Read(path: null));

    /// <summary>The first address, plain HTTP before HTTPS.</summary>
    public static Uri Find(IConfiguration configuration) =>
        ListeningAddresses.Find(configuration).OrderBy(address => address.Scheme, StringComparer.Ordinal).First();
}
