using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TokenBroker.Hosting;

/// <summary>Where a broker of a configuration listens, seen from the same machine.</summary>
// See https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
internal static class ListeningAddresses
{
    private const string Default = "http://localhost:5000";

    /// <summary>All addresses. Kestrel's own order: its endpoints, else addresses, else ports.</summary>
    public static IReadOnlyList<Uri> Find(IConfiguration configuration)
    {
        IEnumerable<string?>[] places =
        [
            configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]),
            Split(configuration["urls"]),
            [.. Ports(configuration["http_ports"], Uri.UriSchemeHttp), .. Ports(configuration["https_ports"], Uri.UriSchemeHttps)],
            [Default],
        ];
        return places.Select(place => place.Select(Parse).OfType<Uri>().ToList()).First(addresses => addresses.Count > 0);
    }

    private static IEnumerable<string> Ports(string? ports, string scheme) =>
        Split(ports).Select(port => string.Create(CultureInfo.InvariantCulture, $"{scheme}://localhost:{port}"));

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // A socket or a pipe is no address that can be asked. A wildcard is asked on loopback, and so is what is no host: Kestrel takes it for one.
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "Kestrel's wildcards are no URIs.")]
    private static Uri? Parse(string? url)
    {
        if (url is null || !BindingAddressOf(url, out var binding) || binding.IsUnixPipe || binding.IsNamedPipe)
            return null;
        var host = binding.Host is "0.0.0.0" or "[::]" || Uri.CheckHostName(binding.Host) == UriHostNameType.Unknown ? "localhost" : binding.Host;
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
