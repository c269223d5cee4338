using System.Net;
using System.Net.Http.Headers;

namespace TokenBroker.GitHub;

/// <summary>
/// One call of GitHub's API. The name appears in logs and metrics, and the rate-limit resource is learned per name. The path is relative
/// to the API's address, without a leading slash; names in it are validated before they get here.
/// </summary>
internal sealed record GitHubCall(string Name, HttpMethod Method, string Path)
{
    /// <summary>The JSON body; null for none.</summary>
    public string? Body { get; init; }

    /// <summary>The entity tag of the caller's copy; null without one.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>The owner of the runners concerned: owners take turns in the queue.</summary>
    public string Owner { get; init; } = "";

    /// <summary>
    /// Whether the call gives way to calls that mint tokens or delete runners, in the queue and when GitHub's limit is nearly used up:
    /// listing and labeling runners can wait, a machine that starts or stops cannot.
    /// </summary>
    public bool Yields { get; init; }

    /// <summary>
    /// Whether the call may be sent again when its response was lost: reads, deletes and mints may, because an unused token does no harm.
    /// Other calls fail with <see cref="Failures.FailureKinds.AnswerLost"/>.
    /// </summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Statuses other than success that this call handles itself; they say nothing about the credential.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];

    public HttpRequestMessage ToRequest(GitHubCredential credential)
    {
        var request = new HttpRequestMessage(Method, new Uri(Path, UriKind.Relative));

        // Bearer works for both formats of installation tokens.
        // See https://docs.github.com/rest/authentication/authenticating-to-the-rest-api
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential.Token());
        if (IfNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", IfNoneMatch);

        // Sent whole, and so with a length: proxies in front of GitHub have refused chunked bodies.
        if (Body is not null)
            request.Content = new StringContent(Body, new MediaTypeHeaderValue("application/json"));

        // Without content, .NET itself resends a request up to three times when a connection closes before the first byte of the response.
        // Calls that create or delete may be resent only by the broker's own retries, which count against a caller's allowance.
        // See https://learn.microsoft.com/dotnet/api/system.net.http.socketshttphandler
        else if (Method != HttpMethod.Get)
            request.Content = new ByteArrayContent([]);
        return request;
    }
}

/// <summary>A call that must not be sent twice was sent, and its outcome is unknown.</summary>
internal sealed class LostAnswerException(string message) : Exception(message);

/// <summary>A transient failure, after which the same request may be retried.</summary>
internal sealed class PassingFaultException(string message, TimeSpan? retryAfter = null, Exception? cause = null)
    : Exception(message, cause)
{
    /// <summary>The delay that GitHub asked for; null without one.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
