using System.Globalization;
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

/// <summary>What keeps GitHub from answering, whatever it is asked.</summary>
internal static class GitHubFault
{
    public const string Subject = "GitHub";
    private const string CheckAddress =
        "Check GitHub:ApiUrl: https://api.github.com, https://HOST/api/v3 for GitHub Enterprise Server, https://api.SUBDOMAIN.ghe.com with data residency.";

    /// <summary>Whether GitHub is out of reach, so that the failure says nothing of what was asked.</summary>
    public static bool IsUnreachable(Exception exception) =>
        exception is TimeoutException || (exception is FailureException { Failure: var failure } && failure.Kind == FailureKinds.GitHubUnavailable);

    /// <summary>Tells a failure that is about no single scope.</summary>
    public static void Tell(CheckResults results, string subject, string address, Exception exception)
    {
        if (exception is FailureException { Failure: var failure } && failure.Kind == FailureKinds.RateLimited)
            results.Fault(subject, "GitHub's rate limit for this credential is used up", $"Ask again {After(failure.RetryAfter)}. Until then callers get only tokens that are cached.");
        else if (exception is FailureException { Failure: var refused } && refused.Kind == FailureKinds.CredentialRefused)
            results.Fault(subject, refused.Detail, "See what is said of the credential itself.");
        else if (exception is FailureException { InnerException: null } answered && IsUnreachable(exception))
            results.Fault(subject, $"{address}: {answered.Message}", CheckAddress + " If it is right, see https://www.githubstatus.com.");
        else if (IsUnreachable(exception))
            TellUnreachable(results, subject, address, exception.InnerException ?? exception);
        else
            results.Fault(subject, exception.Message, CheckAddress);
    }

    /// <summary>Tells that what answers is no GitHub.</summary>
    public static void TellStranger(CheckResults results, string address, string answer) =>
        results.Fault(Subject, $"{address} {answer}, where GitHub's API would describe the App", CheckAddress);

    private static void TellUnreachable(CheckResults results, string subject, string address, Exception cause)
    {
        var fault = ConnectionFault.Of(cause, new Uri(address), "GitHub:CaCertificatePath");
        results.Fault(subject, $"{address} cannot be reached: {fault.Text}", fault.Advice);
    }

    private static string After(TimeSpan? wait) =>
        wait is { } time ? string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(time.TotalMinutes):0} min") : "in an hour";
}
