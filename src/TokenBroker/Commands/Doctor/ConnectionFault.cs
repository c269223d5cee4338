using System.Globalization;
using System.Security.Authentication;
using System.Text.Json;
using TokenBroker.Failures;

namespace TokenBroker.Commands.Doctor;

/// <summary>Why an address gave no usable answer.</summary>
/// <param name="Text">What is wrong.</param>
/// <param name="Advice">What to do.</param>
internal sealed record ConnectionFault(string Text, string Advice)
{
    private const string CheckPath =
        "Check the address and its port, and that a firewall, a NetworkPolicy or HTTPS_PROXY allows connections from this machine.";

    private const string CheckService = "Check the address: a login page or a proxy may answer there.";
    private const string CheckProxy = "Check HTTPS_PROXY and NO_PROXY, and that the proxy listens there.";
    private const string CheckProxyRules = "Check HTTPS_PROXY and NO_PROXY, and what the proxy allows.";

    /// <param name="exception">How the request ended.</param>
    /// <param name="address">The address that was requested.</param>
    /// <param name="authorityKey">The configuration key that names certificate authorities for this address.</param>
    public static ConnectionFault FromException(Exception exception, Uri address, string authorityKey) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
            when HttpFault.IsByProxy(address) => new(HttpFault.Describe(exception, address), CheckProxy),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => new(
            "its host name cannot be resolved", "Check the address, and that this machine's DNS resolves it."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } when !HttpFault.IsOfCertificate(exception) => new(
            $"no TLS connection ({TlsMessage(exception)})", "Check whether that port speaks TLS."),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(
            $"its certificate is not accepted ({TlsMessage(exception)})",
            $"If a private authority signed it, name that authority's PEM file in {authorityKey}. Otherwise check that the certificate "
                + "covers this address and has not expired."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => new(
            $"no connection ({exception.Message})", CheckPath),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError, StatusCode: { } status } => new(
            $"the proxy does not connect to it, but answers {(int)status}", CheckProxyRules),
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => new(
            "the proxy does not connect to it", CheckProxyRules),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse } => new(
            HttpFault.Describe(exception, address), CheckService),
        TimeoutException or OperationCanceledException => new(HttpFault.Describe(exception, address), CheckPath),
        JsonException => new("its answer is not JSON", CheckService),
        _ => new(exception.Message, CheckPath),
    };

    private static string TlsMessage(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is AuthenticationException)
                return cause.Message;
        }

        return exception.Message;
    }
}

/// <summary>Failures of GitHub that say nothing about the scope in question.</summary>
internal static class GitHubFault
{
    public const string Subject = "GitHub";
    private const string CheckAddress =
        "Check GitHub:ApiUrl: https://api.github.com, https://HOST/api/v3 for GitHub Enterprise Server, "
        + "https://api.SUBDOMAIN.ghe.com with data residency.";

    /// <summary>Whether GitHub did not answer.</summary>
    public static bool IsUnreachable(Exception exception) =>
        exception is TimeoutException || (exception is FailureException failure && failure.Failure.Kind == FailureKinds.GitHubUnavailable);

    public static void Report(CheckResults results, string subject, string address, Exception exception)
    {
        var failure = (exception as FailureException)?.Failure;
        if (failure?.Kind == FailureKinds.RateLimited)
        {
            results.Fault(
                subject,
                "GitHub's rate limit for this credential is used up",
                $"Try again {DescribeWait(failure.RetryAfter)}. Until then callers receive only tokens that are cached.");
        }
        else if (failure?.Kind == FailureKinds.CredentialRefused)
        {
            results.Fault(subject, failure.Detail, "See the result for the credential itself.");
        }
        else if (exception is FailureException { InnerException: null } && IsUnreachable(exception))
        {
            results.Fault(subject, $"{address}: {exception.Message}", CheckAddress + " If it is right, see https://www.githubstatus.com.");
        }
        else if (IsUnreachable(exception))
        {
            var cause = exception.InnerException ?? exception;
            var fault = ConnectionFault.FromException(cause, new Uri(address), "GitHub:CaCertificatePath");
            results.Fault(subject, $"{address} cannot be reached: {fault.Text}", fault.Advice);
        }
        else
        {
            results.Fault(subject, exception.Message, CheckAddress);
        }
    }

    /// <summary>Reports that whatever answers at the address is not GitHub's API.</summary>
    public static void ReportOtherService(CheckResults results, string address, string answer) =>
        results.Fault(Subject, $"{address} {answer}, where GitHub's API would describe the App", CheckAddress);

    private static string DescribeWait(TimeSpan? wait) =>
        wait is { } time ? string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(time.TotalMinutes):0} min") : "in an hour";
}
