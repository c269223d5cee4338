using System.Globalization;
using TokenBroker.Failures;

namespace TokenBroker.Commands.Doctor;

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
    public static void Tell(Findings findings, string subject, string address, Exception exception)
    {
        if (exception is FailureException { Failure: var failure } && failure.Kind == FailureKinds.RateLimited)
            findings.Fault(subject, "GitHub's rate limit for this credential is used up", $"Ask again {After(failure.RetryAfter)}. Until then callers get only tokens that are cached.");
        else if (exception is FailureException { Failure: var refused } && refused.Kind == FailureKinds.CredentialRefused)
            findings.Fault(subject, refused.Detail, "See what is said of the credential itself.");
        else if (exception is FailureException { InnerException: null } answered && IsUnreachable(exception))
            findings.Fault(subject, $"{address}: {answered.Message}", CheckAddress + " If it is right, see https://www.githubstatus.com.");
        else if (IsUnreachable(exception))
            TellUnreachable(findings, subject, address, exception.InnerException ?? exception);
        else
            findings.Fault(subject, exception.Message, CheckAddress);
    }

    /// <summary>Tells that what answers is no GitHub.</summary>
    public static void TellStranger(Findings findings, string address, string answer) =>
        findings.Fault(Subject, $"{address} {answer}, where GitHub's API would describe the App", CheckAddress);

    private static void TellUnreachable(Findings findings, string subject, string address, Exception cause)
    {
        var fault = ConnectionFault.Of(cause, new Uri(address), "GitHub:CaCertificatePath");
        findings.Fault(subject, $"{address} cannot be reached: {fault.Text}", fault.Advice);
    }

    private static string After(TimeSpan? wait) =>
        wait is { } time ? string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(time.TotalMinutes):0} min") : "in an hour";
}
