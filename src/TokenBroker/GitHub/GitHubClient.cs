using System.Net;
using System.Text.Json;
using Polly.Timeout;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// Sends one call to GitHub and answers with what GitHub decided. Passing faults are tried again; limits and redirects are told by
/// a <see cref="FailureException"/>.
/// </summary>
internal sealed partial class GitHubClient(
    HttpClient http,
    GitHubConnection connection,
    CredentialLimits limits,
    GitHubClock clock,
    ILogger<GitHubClient> logger)
{
    /// <summary>Sends a call that may be repeated safely: reading, and minting, whose extra token nobody gets.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, GitHubCredential credential, CancellationToken cancellation)
    {
        try
        {
            return await connection.Retries.ExecuteAsync(
                static (attempt, token) => new ValueTask<GitHubAnswer>(attempt.Client.AttemptAsync(attempt.Call, attempt.Credential, token)),
                (Client: this, Call: call, Credential: credential),
                cancellation);
        }
        catch (PassingFaultException fault)
        {
            connection.Health.Failed(fault.Message);
            throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, fault.Message) { RetryAfter = fault.RetryAfter });
        }
        catch (TimeoutRejectedException)
        {
            connection.Health.Failed("GitHub gave no answer in time.");
            throw new FailureException(new Failure(FailureKinds.GitHubUnavailable, "GitHub gave no answer in time."));
        }
    }

    private async Task<GitHubAnswer> AttemptAsync(GitHubCall call, GitHubCredential credential, CancellationToken cancellation)
    {
        limits.ThrowIfBlocked(credential, call);
        await connection.Slots.WaitAsync(cancellation);
        try
        {
            // A limit may have been met while this request waited for its turn.
            limits.ThrowIfBlocked(credential, call);
            using var request = Compose(call, credential);
            using var response = await http.SendAsync(request, cancellation);
            var body = await response.Content.ReadAsByteArrayAsync(cancellation);
            return Judge(call, credential, response, ReadJson(body));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            Log.Unreachable(logger, call.Name, exception.Message);
            throw new PassingFaultException("GitHub cannot be reached.");
        }
        finally
        {
            connection.Slots.Release();
        }
    }

    private static HttpRequestMessage Compose(GitHubCall call, GitHubCredential credential)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(call.Path, UriKind.Relative));
        request.Headers.Authorization = credential.Authorization;
        if (call.Body is not null)
            request.Content = JsonContent.Create(call.Body);
        return request;
    }

    private GitHubAnswer Judge(GitHubCall call, GitHubCredential credential, HttpResponseMessage response, JsonElement body)
    {
        var status = response.StatusCode;
        clock.Observe(response.Headers.Date);
        Log.Answered(logger, call.Name, credential.Id, (int)status, Header(response, "x-github-request-id"));

        var notice = RateLimitNotice.Read(status, response.Headers, GitHubMessage.Of(body), clock.GetUtcNow());
        if (limits.Observe(credential, call, Header(response, "x-ratelimit-resource"), notice) is { } limited)
            throw new FailureException(limited);

        // Following would leave the name that a policy approved.
        // See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects
        if (status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            throw new FailureException(new Failure(FailureKinds.Moved, "GitHub says that this was renamed or moved; ask by its new name."));
        if ((int)status >= 500)
            throw new PassingFaultException($"GitHub answered {(int)status}.", WaitOf(response));
        if (response.IsSuccessStatusCode && status != HttpStatusCode.NoContent && body.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            throw new PassingFaultException("GitHub answered something that is not JSON.");

        connection.Health.Succeeded();
        return new GitHubAnswer(status, body);
    }

    private TimeSpan? WaitOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date - clock.GetUtcNow()) : null;

    private static JsonElement ReadJson(byte[] body)
    {
        try
        {
            return body.Length == 0 ? default : JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "GitHub answered {Call} for {Credential} with {Status} (GitHub's request id {GitHubRequestId})")]
        public static partial void Answered(ILogger logger, string call, string credential, int status, string? gitHubRequestId);

        [LoggerMessage(2, LogLevel.Warning, "GitHub cannot be reached for {Call}: {Reason}")]
        public static partial void Unreachable(ILogger logger, string call, string reason);
    }
}
