using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Polly.Timeout;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.GitHub;

/// <summary>
/// Sends one call to GitHub and answers with what GitHub decided. Passing faults are tried again where the call may be; limits,
/// redirects and lost answers are told by a <see cref="FailureException"/>.
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
    /// <summary>What callers are told of a GitHub that hangs.</summary>
    public const string NoAnswer = "GitHub gave no answer in time.";

    private const string NoApi = "What answers in GitHub's place is not its API.";

    // Who gives up before says nothing of GitHub.
    private static readonly TimeSpan LongAnswer = TimeSpan.FromSeconds(2);

    // Until one of these is over, nothing of the request has left.
    private static readonly HttpRequestError[] BeforeSending =
    [
        HttpRequestError.NameResolutionError, HttpRequestError.ConnectionError, HttpRequestError.SecureConnectionError, HttpRequestError.ProxyTunnelError,
    ];

    /// <summary>Sends a call, more than once if it may be.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, GitHubCredential credential, CancellationToken cancellation)
    {
        using var span = Instrumentation.StartSpan("github " + call.Name);
        var permit = StartPermit.Current;
        var isPaid = false;
        if (permit?.Take(out isPaid) is { } refusal)
            throw new FailureException(refusal);
        try
        {
            return await connection.RetriesOf(call).ExecuteAsync(
                static (attempt, token) => new ValueTask<GitHubAnswer>(attempt.Client.AttemptAsync(attempt.Call, attempt.Credential, attempt.Payment, token)),
                (Client: this, Call: call, Credential: credential, Payment: new Payment(permit)),
                cancellation);
        }
        catch (PassingFaultException fault)
        {
            throw GaveUp(span, new Failure(FailureKinds.GitHubUnavailable, fault.Message) { RetryAfter = fault.RetryAfter }, fault.InnerException);
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

    private async Task<GitHubAnswer> AttemptAsync(GitHubCall call, GitHubCredential credential, Payment payment, CancellationToken cancellation)
    {
        ThrowIfPutOff(call, credential);
        using var slot = await WaitForTurnAsync(call, cancellation);

        // A limit may have been met while this request waited for its turn.
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
            // Whoever waits may give up before the last attempt does.
            connection.Failed(fault.Message);
            throw;
        }
        catch (Exception exception) when (exception is TimeoutRejectedException || (exception is OperationCanceledException && clock.GetElapsedTime(started) >= LongAnswer))
        {
            WasSilent(call);
            throw;
        }
        catch (LostAnswerException lost) when (lost.Message == NoAnswer && clock.GetElapsedTime(started) >= LongAnswer)
        {
            WasSilent(call);
            throw;
        }
    }

    // Once for an outage: each of its requests would tell the same.
    private void WasSilent(GitHubCall call)
    {
        if (connection.Failed(NoAnswer))
            Log.Unreachable(logger, call.Name, HttpFault.NoAnswer(http.BaseAddress!));
    }

    private void ThrowIfPutOff(GitHubCall call, GitHubCredential credential)
    {
        limits.ThrowIfBlocked(credential, call);
        reserve.ThrowIfReserved(credential, call);
    }

    private async Task<IDisposable> WaitForTurnAsync(GitHubCall call, CancellationToken cancellation)
    {
        try
        {
            return await connection.Queue.EnterAsync(call.Owner, call.Yields, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Whoever still waits is told that it was the queue, and not GitHub.
            throw new FailureException(new Failure(FailureKinds.Overloaded, "Too many requests wait for GitHub."));
        }
    }

    private async Task<GitHubAnswer> AskAsync(GitHubCall call, GitHubCredential credential, CancellationToken cancellation)
    {
        var wasSent = false;
        var started = clock.GetTimestamp();
        int? status = null;
        try
        {
            using var request = Compose(call, credential);
            wasSent = true;
            using var response = await http.SendAsync(request, cancellation);
            status = (int)response.StatusCode;
            clock.Observe(response.Headers.Date);
            return Judge(call, credential, await GitHubAnswer.ReadAsync(response, cancellation));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException { InnerException: TimeoutException })
        {
            Log.Unreachable(logger, call.Name, HttpFault.Describe(exception, http.BaseAddress!));
            throw call.IsRepeatable || HasNotLeft(exception) ? new PassingFaultException("GitHub cannot be reached.", cause: HttpFault.WithoutSecrets(exception, http.BaseAddress!)) : new LostAnswerException("GitHub's answer was lost.");
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

    private static HttpRequestMessage Compose(GitHubCall call, GitHubCredential credential)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(call.Path, UriKind.Relative));

        // Of both shapes of installation tokens, see https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential.Token());
        if (call.IfNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", call.IfNoneMatch);

        // Whole, and so with a length: a proxy in front of GitHub has refused chunked bodies.
        if (call.Body is not null)
            request.Content = new StringContent(call.Body, new MediaTypeHeaderValue("application/json"));

        // Without a content, .NET itself sends a request up to four times where connections end before a byte of the answer has come. What
        // makes or deletes is sent again only by the retries here, which a caller's allowance counts.
        // See https://learn.microsoft.com/dotnet/api/system.net.http.socketshttphandler
        else if (call.Method != HttpMethod.Get)
            request.Content = new ByteArrayContent([]);
        return request;
    }

    private GitHubAnswer Judge(GitHubCall call, GitHubCredential credential, GitHubAnswer answer)
    {
        var status = (int)answer.StatusCode;
        var requestId = answer.Header("x-github-request-id");
        Log.Answered(logger, call.Name, credential.Id, status, requestId);
        if (answer.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
            throw HttpFault.ByProxy(answer.StatusCode, http.BaseAddress!);
        quota.Observe(credential, answer);
        if (limits.Observe(credential, call, answer.Header(RateLimitNotice.ResourceHeader), RateLimitNotice.Read(answer, clock.GetUtcNow())) is { } limited)
            throw new FailureException(limited);

        // Following would leave the name that a policy approved.
        // See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        if (answer.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
        {
            ThrowIfNotByApi(call, answer);
            throw new FailureException(new Failure(FailureKinds.Moved, "GitHub says that this was renamed or moved; ask by its new name."));
        }

        // Its API says in JSON that there is nothing, too.
        if (answer.StatusCode == HttpStatusCode.NotFound && GitHubAnswer.Text(answer.Json, "message") is null && call.Method != HttpMethod.Head)
            throw NotByApi(call, "404");

        // A see-other comes after something was done, and a proxy's time-out may.
        if (status >= 500 || (!call.IsRepeatable && (status is >= 300 and < 400 or (int)HttpStatusCode.RequestTimeout)))
            throw Fault(call, $"GitHub answered {status}.", RateLimitNotice.WaitOfFault(answer, clock.GetUtcNow()));
        if (answer.IsSuccess && answer.StatusCode != HttpStatusCode.NoContent && answer.Json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            throw Fault(call, "GitHub answered something that is not JSON.");

        connection.Succeeded();
        return answer with { Trace = new MintReference(requestId, credential.TokenSha256) };
    }

    // GitHub's API says in JSON that something was moved. The web pages of a GitHub Enterprise Server send whoever asks to the log-in.
    private void ThrowIfNotByApi(GitHubCall call, GitHubAnswer answer)
    {
        if (answer.Json.ValueKind == JsonValueKind.Object)
            return;
        var target = HttpFault.TargetOf(Uri.TryCreate(answer.Header("Location"), UriKind.RelativeOrAbsolute, out var location) ? location : null, http.BaseAddress!);
        throw NotByApi(call, string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode}, to {target}"));
    }

    private FailureException NotByApi(GitHubCall call, string told)
    {
        Log.NoApi(logger, call.Name, told);
        connection.Failed(NoApi);
        return new FailureException(new Failure(FailureKinds.GitHubUnavailable, NoApi));
    }

    // An error in place of an answer does not say that nothing was done.
    private static Exception Fault(GitHubCall call, string message, TimeSpan? retryAfter = null) =>
        call.IsRepeatable ? new PassingFaultException(message, retryAfter) : new LostAnswerException(message);

    private static bool HasNotLeft(Exception exception) =>
        exception is OperationCanceledException || (exception is HttpRequestException { HttpRequestError: var error } && BeforeSending.Contains(error));

    // For a call, and once: that GitHub fails and is asked again is no caller's doing.
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

        [LoggerMessage(3, LogLevel.Warning, "What answers {Call} at GitHub:ApiUrl is not GitHub's API: {Answer}. The API is at https://HOST/api/v3 of a GitHub Enterprise Server")]
        public static partial void NoApi(ILogger logger, string call, string answer);
    }
}
