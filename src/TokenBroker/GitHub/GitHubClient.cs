using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Polly.Timeout;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.GitHub;

/// <summary>
/// Sends one call to GitHub and returns GitHub's decision. Transient faults are retried where the call allows it; limits, redirects
/// and lost responses are thrown as a <see cref="FailureException"/>.
/// </summary>
internal sealed partial class GitHubClient(
    HttpClient http,
    GitHubConnection connection,
    CredentialLimits limits,
    GitHubClock clock,
    GitHubQuota quota,
    QuotaReserve reserve,
    BrokerMetrics metrics,
    ILogger<GitHubClient> logger)
{
    /// <summary>The failure detail when GitHub hangs.</summary>
    public const string NoAnswer = "GitHub did not respond in time.";

    private const string NoApi = "The server that responded is not GitHub's API.";

    // A request that is canceled sooner than this says nothing about GitHub.
    private static readonly TimeSpan LongAnswer = TimeSpan.FromSeconds(2);

    // With one of these errors, no part of the request has been sent.
    private static readonly HttpRequestError[] BeforeSending =
    [
        HttpRequestError.NameResolutionError,
        HttpRequestError.ConnectionError,
        HttpRequestError.SecureConnectionError,
        HttpRequestError.ProxyTunnelError,
    ];

    /// <summary>Sends a call, and retries it if it is repeatable.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, GitHubCredential credential, CancellationToken cancellation)
    {
        using var span = Instrumentation.StartSpan("github " + call.Name);
        var permit = StartPermit.Current;
        var isPaid = false;
        if (permit?.Take(out isPaid) is { } refusal)
            throw new FailureException(refusal);
        try
        {
            return await connection.RetriesFor(call).ExecuteAsync(
                static (attempt, token) => new ValueTask<GitHubAnswer>(
                    attempt.Client.AttemptAsync(attempt.Call, attempt.Credential, attempt.Payment, token)),
                (Client: this, Call: call, Credential: credential, Payment: new Payment(permit)),
                cancellation);
        }
        catch (PassingFaultException fault)
        {
            throw GaveUp(
                span,
                new Failure(FailureKinds.GitHubUnavailable, fault.Message) { RetryAfter = fault.RetryAfter },
                fault.InnerException);
        }
        catch (TimeoutRejectedException)
        {
            throw GaveUp(span, new Failure(FailureKinds.GitHubUnavailable, NoAnswer));
        }
        catch (LostAnswerException lost)
        {
            throw GaveUp(span, new Failure(FailureKinds.AnswerLost, lost.Message));
        }
        finally
        {
            if (isPaid)
                permit!.GiveBack();
        }
    }

    private FailureException GaveUp(Activity? span, Failure failure, Exception? cause = null)
    {
        connection.Failed(failure.Detail);
        span?.SetStatus(ActivityStatusCode.Error, failure.Kind.Name);
        return new FailureException(failure, cause);
    }

    private async Task<GitHubAnswer> AttemptAsync(
        GitHubCall call,
        GitHubCredential credential,
        Payment payment,
        CancellationToken cancellation)
    {
        ThrowIfPutOff(call, credential);
        using var slot = await connection.WaitForSlotAsync(call, cancellation);

        // A limit may have been reached while this request was queued.
        ThrowIfPutOff(call, credential);
        payment.Make();
        var started = clock.GetTimestamp();
        try
        {
            return await connection.Attempt.ExecuteAsync(
                static (attempt, token) => new ValueTask<GitHubAnswer>(attempt.Client.AskAsync(attempt.Call, attempt.Credential, token)),
                (Client: this, Call: call, Credential: credential),
                cancellation);
        }
        catch (PassingFaultException fault)
        {
            // The caller may be canceled before the last attempt ends.
            connection.Failed(fault.Message);
            throw;
        }
        catch (Exception exception) when (exception is TimeoutRejectedException
            || (exception is OperationCanceledException && clock.GetElapsedTime(started) >= LongAnswer))
        {
            RecordSilence(call);
            throw;
        }
        catch (LostAnswerException lost) when (lost.Message == NoAnswer && clock.GetElapsedTime(started) >= LongAnswer)
        {
            RecordSilence(call);
            throw;
        }
    }

    // Logged once per outage; every request would log the same.
    private void RecordSilence(GitHubCall call)
    {
        if (connection.Failed(NoAnswer))
            Log.Unreachable(logger, call.Name, HttpFault.NoAnswer(http.BaseAddress!));
    }

    private void ThrowIfPutOff(GitHubCall call, GitHubCredential credential)
    {
        limits.ThrowIfBlocked(credential, call);
        reserve.ThrowIfReserved(credential, call);
    }

    private async Task<GitHubAnswer> AskAsync(GitHubCall call, GitHubCredential credential, CancellationToken cancellation)
    {
        var wasSent = false;
        var started = clock.GetTimestamp();
        int? status = null;
        try
        {
            using var request = call.ToRequest(credential);
            wasSent = true;
            using var response = await http.SendAsync(request, cancellation);
            status = (int)response.StatusCode;
            clock.Observe(response.Headers.Date);
            return Judge(call, credential, await GitHubAnswer.ReadAsync(response, cancellation));
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException })
        {
            Log.Unreachable(logger, call.Name, HttpFault.Describe(exception, http.BaseAddress!));
            throw call.IsRepeatable || WasNotSent(exception)
                ? new PassingFaultException("GitHub cannot be reached.", cause: HttpFault.WithoutSecrets(exception, http.BaseAddress!))
                : new LostAnswerException("GitHub's response was lost.");
        }
        catch (OperationCanceledException) when (!call.IsRepeatable && wasSent)
        {
            throw new LostAnswerException(NoAnswer);
        }
        finally
        {
            if (wasSent)
                metrics.AskedGitHub(call.Name, status, clock.GetElapsedTime(started));
        }
    }

    private GitHubAnswer Judge(GitHubCall call, GitHubCredential credential, GitHubAnswer answer)
    {
        var status = (int)answer.StatusCode;
        var requestId = answer.Header("x-github-request-id");
        Log.Answered(logger, call.Name, credential.Id, status, requestId);
        if (answer.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
            throw HttpFault.ByProxy(answer.StatusCode, http.BaseAddress!);
        quota.Observe(credential, answer);
        var notice = RateLimitNotice.Read(answer, clock.GetUtcNow());
        if (limits.Observe(credential, call, answer.Header(RateLimitNotice.ResourceHeader), notice) is { } limited)
            throw new FailureException(limited);

        // A redirect would leave the name that a policy approved, so it is not followed.
        // See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        if (answer.StatusCode is HttpStatusCode.MovedPermanently
            or HttpStatusCode.Found
            or HttpStatusCode.TemporaryRedirect
            or HttpStatusCode.PermanentRedirect)
        {
            ThrowIfNotByApi(call, answer);
            throw new FailureException(new Failure(FailureKinds.Moved, "GitHub reports that this was renamed or moved; use its new name."));
        }

        // GitHub's API answers 404 with a JSON message as well.
        if (answer.StatusCode == HttpStatusCode.NotFound && answer.Text("message") is null && call.Method != HttpMethod.Head)
            throw NotByApi(call, "404");

        // The call may have taken effect before a 303 or a proxy's timeout.
        if (status >= 500 || (!call.IsRepeatable && (status is >= 300 and < 400 or (int)HttpStatusCode.RequestTimeout)))
            throw Fault(call, $"GitHub answered {status}.", RateLimitNotice.ReadFaultWait(answer, clock.GetUtcNow()));
        if (answer.IsSuccess
            && answer.StatusCode != HttpStatusCode.NoContent
            && answer.Json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            throw Fault(call, "GitHub's response was not JSON.");

        connection.Succeeded();
        return answer with { Trace = new MintReference(requestId, credential.TokenSha256) };
    }

    // GitHub's API reports a move in JSON. The web pages of a GitHub Enterprise Server redirect to the login page.
    private void ThrowIfNotByApi(GitHubCall call, GitHubAnswer answer)
    {
        if (answer.Json.ValueKind == JsonValueKind.Object)
            return;
        var isAddress = Uri.TryCreate(answer.Header("Location"), UriKind.RelativeOrAbsolute, out var location);
        var target = HttpFault.TargetOf(isAddress ? location : null, http.BaseAddress!);
        throw NotByApi(call, string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode}, to {target}"));
    }

    private FailureException NotByApi(GitHubCall call, string response)
    {
        Log.NoApi(logger, call.Name, response);
        connection.Failed(NoApi);
        return new FailureException(new Failure(FailureKinds.GitHubUnavailable, NoApi));
    }

    // An error response does not prove that the call had no effect.
    private static Exception Fault(GitHubCall call, string message, TimeSpan? retryAfter = null) =>
        call.IsRepeatable ? new PassingFaultException(message, retryAfter) : new LostAnswerException(message);

    private static bool WasNotSent(Exception exception) =>
        exception is OperationCanceledException
        || (exception is HttpRequestException { HttpRequestError: var error } && BeforeSending.Contains(error));

    // Counts a call once against the caller's allowance: retries are not the caller's doing.
    private sealed class Payment(StartPermit? permit)
    {
        private bool isMade;

        public void Make()
        {
            if (!isMade)
                permit?.Asked();
            isMade = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "GitHub answered {Call} for {Credential} with {Status} (GitHub's request id {GitHubRequestId})")]
        public static partial void Answered(ILogger logger, string call, string credential, int status, string? gitHubRequestId);

        [LoggerMessage(2, LogLevel.Warning, "GitHub cannot be reached for {Call}: {Reason}")]
        public static partial void Unreachable(ILogger logger, string call, string reason);

        [LoggerMessage(3, LogLevel.Warning, "The server at GitHub:ApiUrl is not GitHub's API: it answered {Call} with {Answer}. "
            + "The API of a GitHub Enterprise Server is at https://HOST/api/v3")]
        public static partial void NoApi(ILogger logger, string call, string answer);
    }
}
