using System.Net;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting;

/// <summary>Where the broker listens on more than is written.</summary>
internal static class ListeningWarnings
{
    /// <summary>Addresses with the name of a host.</summary>
    public static IEnumerable<ConfigurationWarning> Find(IConfiguration configuration) =>
        from given in ListeningAddresses.Given(configuration)
        where ListeningAddresses.TryParse(given.Url, out var binding) && !ListeningAddresses.HoldsSeveral(binding) && IsName(binding)
        select new ConfigurationWarning(given.Key, $"'{given.Url}' names a host, which is not looked up: the broker listens on every address. Write * for the host, or the one IP address");

    private static bool IsName(BindingAddress binding) =>
        !binding.IsUnixPipe && !binding.IsNamedPipe && binding.Host is not ("*" or "+")
        && !binding.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !IPAddress.TryParse(binding.Host, out _);
}
