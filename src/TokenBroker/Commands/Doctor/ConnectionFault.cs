using System.Security.Authentication;
using System.Text.Json;
using TokenBroker.Failures;

namespace TokenBroker.Commands.Doctor;

/// <summary>Why an address gave no usable answer, in words that tell where to look.</summary>
/// <param name="Text">What is wrong.</param>
/// <param name="Advice">What to do.</param>
internal sealed record ConnectionFault(string Text, string Advice)
{
    private const string LetThrough = "Check the address and its port, and that a firewall, a NetworkPolicy or HTTPS_PROXY lets this machine through.";

    private const string Stranger = "Check the address: a log-in page or a proxy may answer there.";

    /// <param name="exception">What the attempt ended in.</param>
    /// <param name="address">What was asked.</param>
    /// <param name="authorityKey">The configuration key that names certificate authorities for this address.</param>
    public static ConnectionFault Of(Exception exception, Uri address, string authorityKey) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError } when HttpFault.IsByProxy(address) =>
            new(HttpFault.Describe(exception, address), "Check HTTPS_PROXY and NO_PROXY, and that the proxy listens there."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
            new("its name is not known here", "Check the address, and that this machine's DNS knows it."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } when !HttpFault.IsOfCertificate(exception) =>
            new($"no TLS connection ({OfCertificate(exception)})", "See whether TLS is spoken at that port."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(
            $"its certificate is not accepted ({OfCertificate(exception)})",
            $"If a private authority signed it, name that authority's PEM file in {authorityKey}; otherwise see whether the certificate names this address and has not ended."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => new($"no connection ({exception.Message})", LetThrough),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } =>
            new($"the proxy makes no connection to it{(((HttpRequestException)exception).StatusCode is { } status ? $" and answers {(int)status}" : "")}", "Check HTTPS_PROXY and NO_PROXY, and what the proxy allows."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse } => new(HttpFault.Describe(exception, address), Stranger),
        TimeoutException or OperationCanceledException => new(HttpFault.Describe(exception, address), LetThrough),
        JsonException => new("what it answers is not JSON", Stranger),
        _ => new(exception.Message, LetThrough),
    };

    private static string OfCertificate(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
                return cause.Message;
        }

        return exception.Message;
    }
}
