using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace TokenBroker.Caching.Redis.Addresses;

/// <summary>One server of an address.</summary>
/// <param name="Host">A name, or an IP address without brackets.</param>
/// <param name="Port">The port; null if none is given.</param>
internal sealed partial record RedisServerName(string Host, int? Port)
{
    private const string Form = "names a server that is not written as host:port";

    private const string UrlInList =
        "contains a URL that is not redis:// or rediss://, or a URL in a list: a URL stands alone, and a list has servers as host:port";

    private const string CredentialsInList =
        "contains an @ before a server: write a user and a password as redis://user:password@host:port";

    /// <summary>Parses a server. Throws a <see cref="FormatException"/> that quotes no part of it.</summary>
    public static RedisServerName Parse(string text)
    {
        if (text.Length == 0)
            throw new FormatException("names a server without a host");
        if (text.Contains("://", StringComparison.Ordinal))
            throw new FormatException(UrlInList);
        if (text.Contains('@', StringComparison.Ordinal))
            throw new FormatException(CredentialsInList);
        var (host, port) = Split(text);
        return new RedisServerName(CheckHost(host, text[0] == '['), port is null ? null : CheckPort(port));
    }

    public static string Describe(EndPoint server) => server switch
    {
        DnsEndPoint named => string.Create(CultureInfo.InvariantCulture, $"{named.Host}:{named.Port}"),
        _ => server.ToString() ?? "",
    };

    public EndPoint ToEndPoint(int defaultPort) => IPAddress.TryParse(Host, out var address)
        ? new IPEndPoint(address, Port ?? defaultPort)
        : new DnsEndPoint(Host, Port ?? defaultPort);

    private static (string Host, string? Port) Split(string text)
    {
        if (text[0] == '[')
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            var rest = end < 0 ? "" : text[(end + 1)..];
            return end < 0 || (rest.Length > 0 && rest[0] != ':')
                ? throw new FormatException(Form)
                : (text[1..end], rest.Length > 0 ? rest[1..] : null);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon != text.LastIndexOf(':') && IPAddress.TryParse(text, out _))
            throw new FormatException("names an IPv6 address without brackets; write [::1]:6379");
        return colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }

    private static string CheckHost(string host, bool isBracketed)
    {
        var isAddress = IPAddress.TryParse(host, out var address);
        var isHost = isBracketed ? isAddress && address!.AddressFamily == AddressFamily.InterNetworkV6
            : NumericHost().IsMatch(host) ? isAddress && host.Count(character => character == '.') == 3
            : HostName().IsMatch(host);

        // password:secret looks like a server.
        return !isHost ? throw new FormatException(host.Length == 0 ? "names a server without a host" : Form)
            : RedisOptionList.IsKnown(host) ? throw new FormatException("names a server where an option (name=value) is expected")
            : host;
    }

    private static int CheckPort(string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535
            ? number
            : throw new FormatException("names a server whose port is not a number from 1 to 65535");

    [GeneratedRegex(
        "^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\\.?\\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex HostName();

    [GeneratedRegex("^[0-9.]+\\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NumericHost();
}
