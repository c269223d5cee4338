using System.Globalization;
using System.Net;

namespace TokenBroker.Failures;

/// <summary>Why an address gave no usable answer, in one line for the log. What the framework says may hold a proxy's password, or only point to an inner exception.</summary>
internal static class HttpFault
{
    private const int LongestTarget = 200;

    /// <summary>Describes what a request ended in.</summary>
    /// <param name="exception">What it ended in.</param>
    /// <param name="address">What was asked.</param>
    /// <param name="authorities">What names the certificate authorities that are trusted.</param>
    public static string Describe(Exception exception, Uri address, string authorities = "CaCertificatePath") => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refused => OfProxy(refused.StatusCode, address),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => OfTls(exception, authorities),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } when IsByProxy(address) =>
            $"no connection to {NamedProxy(address)}: {exception.GetBaseException().Message}",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } => exception.Message,

        // What the framework says of these may quote the answer.
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "what it answers is larger than the broker reads",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "what it answers is not HTTP",
        OperationCanceledException { InnerException: TimeoutException silence } when silence.Message.Contains("ConnectTimeout", StringComparison.Ordinal) => "no connection in time" + ThroughProxy(address),
        OperationCanceledException or TimeoutException => NoAnswer(address),
        _ => exception.GetBaseException().Message,
    };

    /// <summary>What to say where nothing came in time: it may have been the proxy that kept silent.</summary>
    public static string NoAnswer(Uri address) => "no answer in time" + ThroughProxy(address);

    /// <summary>Whether a proxy is asked in the address's place.</summary>
    public static bool IsByProxy(Uri address) => ProxyOf(address) is not null;

    /// <summary>Whether TLS was spoken and the other side's certificate is what was not accepted.</summary>
    public static bool IsOfCertificate(Exception exception) => exception.GetBaseException().Message.Contains("certificate is invalid", StringComparison.Ordinal);

    /// <summary>The same exception, but for what the framework says of a proxy.</summary>
    public static Exception WithoutSecrets(Exception exception, Uri address) =>
        exception is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } refused ? ByProxy(refused.StatusCode, address) : exception;

    /// <summary>The exception for an answer that is a proxy's own, which comes where no tunnel is made.</summary>
    public static HttpRequestException ByProxy(HttpStatusCode? status, Uri address) => new(HttpRequestError.ProxyTunnelError, OfProxy(status, address), inner: null, status);

    private static string OfProxy(HttpStatusCode? status, Uri address)
    {
        var advice = status == HttpStatusCode.ProxyAuthenticationRequired
            ? "it wants a user and a password, in HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT"
            : $"it does not let the broker through to {address.Host}, or does not reach it; see what it allows, or name the host in NO_PROXY";
        return string.Create(CultureInfo.InvariantCulture, $"the proxy {ProxyOf(address) ?? "on the way"} answered {(int?)status}: {advice}");
    }

    /// <summary>Where a redirect leads, without what follows the path: that may be secret.</summary>
    public static string TargetOf(Uri? location, Uri asked)
    {
        if (location is null || !Uri.TryCreate(asked, location, out var target) || target.Scheme is not ("http" or "https"))
            return "nowhere";
        var text = $"{target.Scheme}://{target.Authority}{target.AbsolutePath}";
        return text.Length > LongestTarget ? text[..LongestTarget] : text;
    }

    // What is wrong with the certificate, or that no TLS is spoken there.
    private static string OfTls(Exception exception, string authorities)
    {
        var reason = exception.GetBaseException().Message;
        var advice = reason.Contains("UntrustedRoot", StringComparison.Ordinal) || reason.Contains("PartialChain", StringComparison.Ordinal)
                ? "name the authority that signed it in " + authorities
            : reason.Contains("NameMismatch", StringComparison.Ordinal) ? "ask for it by a name that stands in it"
            : reason.Contains("NotTimeValid", StringComparison.Ordinal) ? "its time is over or has not come by this machine's clock"
            : "see whether TLS is spoken at that port";
        return $"no TLS connection: {reason.TrimEnd('.')}: {advice}";
    }

    private static string ThroughProxy(Uri address) => IsByProxy(address) ? $" through {NamedProxy(address)}" : "";

    private static string NamedProxy(Uri address) => $"the proxy {ProxyOf(address)}, which HTTPS_PROXY or HTTP_PROXY names";

    private static string? ProxyOf(Uri address) =>
        HttpClient.DefaultProxy is { } proxies && !proxies.IsBypassed(address) ? proxies.GetProxy(address)?.Authority : null;
}
