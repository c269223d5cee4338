using System.Net;
using Octokit;
using Octokit.Internal;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.GitHub;

/// <summary>
/// Octokit over the broker's own way to GitHub: Octokit composes the request and reads the answer into its models or exceptions, and everything
/// between is ours: the queue, limits, retries, deadlines, and the credential, of which an App needs a new one for each attempt.
/// </summary>
internal sealed class OctokitConnection(string name, Func<GitHubCall, Task<GitHubAnswer>> send, Failure unreadable) : IHttpClient
{
    private static readonly ProductHeaderValue Product = new("token-broker", Instrumentation.Version);

    // It is part of no request: of what Octokit composes, the method, the path and the body are sent.
    private static readonly Uri Address = new("https://api.github.com/");
    private static readonly ICredentialStore NoCredentials = new InMemoryCredentialStore(Credentials.Anonymous);

    private bool isRead;

    /// <summary>
    /// Makes a call of Octokit's, by sending what it has composed. Throws <see cref="ApiException"/> for a no that is let through, and the failure
    /// given where Octokit cannot read a success.
    /// </summary>
    public static async Task<T> AskAsync<T>(string name, Func<GitHubCall, Task<GitHubAnswer>> send, Func<Connection, Task<T>> ask, Failure unreadable)
    {
        var gateway = new OctokitConnection(name, send, unreadable);
        try
        {
            return await ask(new Connection(Product, Address, NoCredentials, gateway, new SimpleJsonSerializer()));
        }
        catch (Exception exception) when (gateway.isRead && exception is not ApiException)
        {
            // Octokit casts what it finds, and throws whatever a cast throws. Its words may quote the answer, so they are not carried along.
            throw new FailureException(unreadable);
        }
    }

    public async Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null)
    {
        var answer = await send(new GitHubCall(name, request.Method, request.Endpoint.OriginalString) { Body = request.Body as string });

        // Octokit takes all below 400 for a success.
        if (answer is { IsSuccess: false, StatusCode: < HttpStatusCode.BadRequest })
            throw new FailureException(unreadable);
        isRead = true;
        return answer;
    }

    public void SetRequestTimeout(TimeSpan timeout) => throw new NotSupportedException("A call has its own deadline.");

    public void Dispose() { }
}
