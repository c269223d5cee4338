using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TokenBroker.Commands;

/// <summary>Where a broker that is configured as this process is would listen, seen from the same machine.</summary>
internal static class OwnAddress
{
    private const string Default = "http://localhost:5000";

    /// <summary>Reads the configuration that the broker reads: from the same files and the same environment.</summary>
    public static Uri Find() => Find(CommandConfiguration.Read(path: null));

    /// <summary>
    /// The first address, plain HTTP before HTTPS. Kestrel's own order: its endpoints, then addresses, then ports.
    /// See https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
    /// </summary>
    public static Uri Find(IConfiguration configuration)
    {
        IEnumerable<string?>[] places =
        [
            configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]),
            Split(configuration["urls"]),
            [.. Ports(configuration["http_ports"], Uri.UriSchemeHttp), .. Ports(configuration["https_ports"], Uri.UriSchemeHttps)],
            [Default],
        ];
        return places
            .Select(place => place.Select(Parse).OfType<Uri>().OrderBy(address => address.Scheme, StringComparer.Ordinal).FirstOrDefault())
            .OfType<Uri>()
            .First();
    }

    private static IEnumerable<string> Ports(string? ports, string scheme) =>
        Split(ports).Select(port => string.Create(CultureInfo.InvariantCulture, $"{scheme}://localhost:{port}"));

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // A socket or a pipe is no address that can be asked, and a wildcard is asked on loopback.
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "Kestrel's wildcards are no URIs.")]
    private static Uri? Parse(string? url)
    {
        if (url is null || !BindingAddressOf(url, out var binding) || binding.IsUnixPipe || binding.IsNamedPipe)
            return null;
        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : binding.Host;
        return new UriBuilder(binding.Scheme, host, binding.Port).Uri;
    }

    private static bool BindingAddressOf(string url, [NotNullWhen(true)] out BindingAddress? binding)
    {
        try
        {
            binding = BindingAddress.Parse(url);
            return true;
        }
        catch (FormatException)
        {
            binding = null;
            return false;
        }
    }
}
