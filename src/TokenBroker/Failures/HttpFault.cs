using System.Globalization;
using System.Net;

namespace TokenBroker.Failures;

/// <summary>
/// Why an address gave no usable answer, in one line for the log. The framework's message may hold a proxy's password, or only point to an
/// inner exception.
/// </summary>
internal static class HttpFault
{
    private const int LongestTarget = 200;

    /// <summary>Describes how a request ended.</summary>
    /// <param name="exception">The exception that ended it.</param>
    /// <param name="address">The address that was requested.</param>
    /// <param name="authorities">The setting that names the trusted certificate authorities.</param>
    public static string Describe(Exception exception, Uri address, string authorities = "CaCertificatePath") => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refused => OfProxy(refused.StatusCode, address),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => OfTls(exception, authorities),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } =>
            IsByProxy(address) ? $"no connection to {NamedProxy(address)}: {exception.GetBaseException().Message}" : exception.Message,

        // What the framework says of these may quote the answer.
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "its answer is too large",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "its answer is not HTTP",
        OperationCanceledException { InnerException: TimeoutException timeout }
            when timeout.Message.Contains("ConnectTimeout", StringComparison.Ordinal) => "no connection in time" + ThroughProxy(address),
        OperationCanceledException or TimeoutException => NoAnswer(address),
        _ => exception.GetBaseException().Message,
    };

    /// <summary>Describes a missing answer, which may be the proxy's fault.</summary>
    public static string NoAnswer(Uri address) => "no answer in time" + ThroughProxy(address);

    /// <summary>Whether requests to the address go through a proxy.</summary>
    public static bool IsByProxy(Uri address) => ProxyOf(address) is not null;

    /// <summary>Whether the TLS handshake failed because of the server's certificate.</summary>
    public static bool IsOfCertificate(Exception exception) =>
        exception.GetBaseException().Message.Contains("certificate is invalid", StringComparison.Ordinal);

    /// <summary>The same exception without the framework's message about a proxy.</summary>
    public static Exception WithoutSecrets(Exception exception, Uri address) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refused
            ? ByProxy(refused.StatusCode, address)
            : exception;

    /// <summary>The exception for an answer that came from a proxy, which happens without a tunnel.</summary>
    public static HttpRequestException ByProxy(HttpStatusCode? status, Uri address) =>
        new(HttpRequestError.ProxyTunnelError, OfProxy(status, address), inner: null, status);

    private static string OfProxy(HttpStatusCode? status, Uri address)
    {
        var advice = status == HttpStatusCode.ProxyAuthenticationRequired
            ? "it requires a user and a password, in HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT"
            : $"it does not allow {address.Host}, or cannot reach it; check its rules, or name the host in NO_PROXY";
        var proxy = ProxyOf(address) ?? "on the way";
        return string.Create(CultureInfo.InvariantCulture, $"the proxy {proxy} answered {(int?)status}: {advice}");
    }

    /// <summary>The target of a redirect, without its query, which may hold a secret.</summary>
    public static string TargetOf(Uri? location, Uri asked)
    {
        if (location is null || !Uri.TryCreate(asked, location, out var target) || target.Scheme is not ("http" or "https"))
            return "nowhere";
        var text = $"{target.Scheme}://{target.Authority}{target.AbsolutePath}";
        return text.Length > LongestTarget ? text[..LongestTarget] : text;
    }

    private static string OfTls(Exception exception, string authorities)
    {
        var reason = exception.GetBaseException().Message;
        var advice = reason.Contains("UntrustedRoot", StringComparison.Ordinal) || reason.Contains("PartialChain", StringComparison.Ordinal)
                ? "name the authority that signed it in " + authorities
            : reason.Contains("NameMismatch", StringComparison.Ordinal) ? "use a host name that the certificate holds"
            : reason.Contains("NotTimeValid", StringComparison.Ordinal) ? "it has expired or is not valid yet by this machine's clock"
            : "check whether that port speaks TLS";
        return $"no TLS connection: {reason.TrimEnd('.')}: {advice}";
    }

    private static string ThroughProxy(Uri address) => IsByProxy(address) ? $" through {NamedProxy(address)}" : "";

    private static string NamedProxy(Uri address) => $"the proxy {ProxyOf(address)}, which HTTPS_PROXY or HTTP_PROXY names";

    private static string? ProxyOf(Uri address) =>
        HttpClient.DefaultProxy is { } proxies && !proxies.IsBypassed(address) ? proxies.GetProxy(address)?.Authority : null;
}
