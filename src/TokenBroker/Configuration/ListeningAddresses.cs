using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace TokenBroker.Configuration;

/// <summary>The addresses that a configuration has the broker listen on.</summary>
// See https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints
internal static class ListeningAddresses
{
    private const string Default = "http://localhost:5000";

    /// <summary>All addresses, as reached from the same machine. In Kestrel's order: its endpoints, else addresses, else ports.</summary>
    public static IReadOnlyList<Uri> Find(IConfiguration configuration) =>
        Sources(configuration)
            .Select(source => source.Select(given => Parse(given.Url)).OfType<Uri>().ToList())
            .First(addresses => addresses.Count > 0);

    /// <summary>The configured addresses as they are written, with their keys.</summary>
    public static IReadOnlyList<(string Key, string Url)> Given(IConfiguration configuration) =>
        Sources(configuration).Select(source => source.ToList()).First(given => given.Count > 0);

    /// <summary>Parses an address as Kestrel does.</summary>
    [SuppressMessage("Design", "CA1054:URI-like parameters should not be strings", Justification = "Kestrel's wildcards are not URIs.")]
    public static bool TryParse(string url, [NotNullWhen(true)] out BindingAddress? binding)
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

    /// <summary>Whether the host is really several addresses, separated by something other than a semicolon.</summary>
    public static bool HoldsSeveral(BindingAddress binding) =>
        !binding.IsUnixPipe && !binding.IsNamedPipe
        && ((binding.Host.AsSpan().IndexOfAny(", \t:") >= 0 && !IPAddress.TryParse(binding.Host, out _))
            || binding.PathBase.Contains("://", StringComparison.Ordinal));

    private static IEnumerable<(string Key, string Url)>[] Sources(IConfiguration configuration) =>
    [
        from endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren()
        where endpoint["Url"] is { Length: > 0 }
        select ($"{endpoint.Path}:Url", endpoint["Url"]!),
        Split(configuration["urls"]).Select(url => ("ASPNETCORE_URLS", url)),
        [.. Ports(configuration["http_ports"], Uri.UriSchemeHttp), .. Ports(configuration["https_ports"], Uri.UriSchemeHttps)],
        [("ASPNETCORE_URLS", Default)],
    ];

    private static IEnumerable<(string Key, string Url)> Ports(string? ports, string scheme) => Split(ports).Select(port =>
        ($"ASPNETCORE_{scheme.ToUpperInvariant()}_PORTS", string.Create(CultureInfo.InvariantCulture, $"{scheme}://localhost:{port}")));

    private static string[] Split(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // A socket or a pipe cannot be requested by address. Kestrel knows localhost and IP addresses; for any other host it listens
    // everywhere.
    private static Uri? Parse(string url)
    {
        if (!TryParse(url, out var binding) || binding.IsUnixPipe || binding.IsNamedPipe)
            return null;
        var isOne = IPAddress.TryParse(binding.Host, out var address)
            && !address.Equals(IPAddress.Any)
            && !address.Equals(IPAddress.IPv6Any);
        return new UriBuilder(binding.Scheme, isOne ? binding.Host : "localhost", binding.Port).Uri;
    }
}
