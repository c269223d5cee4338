using Octokit;
using Octokit.Internal;
using TokenBroker.Failures;
using TokenBroker.Observability;

namespace TokenBroker.GitHub;

/// <summary>
/// Octokit over the broker's own way to GitHub: Octokit composes the request and reads the answer into its models or exceptions, and everything
/// between is ours: the queue, limits, retries, deadlines, and the credential, of which an App needs a new one for each attempt.
/// </summary>
internal sealed class OctokitConnection(string name, Func<GitHubCall, Task<GitHubAnswer>> send) : IHttpClient
{
    private static readonly ProductHeaderValue Product = new("token-broker", Telemetry.Version);

    // It is part of no request: paths are below the address of the configuration.
    private static readonly Uri Address = new("https://api.github.com/");
    private static readonly ICredentialStore NoCredentials = new InMemoryCredentialStore(Credentials.Anonymous);

    /// <summary>
    /// Makes a call of Octokit's, by sending what it has composed. Throws <see cref="ApiException"/> for a no that is let through, and the failure
    /// given where Octokit cannot read a success.
    /// </summary>
    public static async Task<T> AskAsync<T>(string name, Func<GitHubCall, Task<GitHubAnswer>> send, Func<Connection, Task<T>> ask, Failure unreadable)
    {
        var connection = new Connection(Product, Address, NoCredentials, new OctokitConnection(name, send), new SimpleJsonSerializer());
        try
        {
            return await ask(connection);
        }
        catch (Exception exception) when (exception is not (ApiException or FailureException or OperationCanceledException))
        {
            // Octokit casts what it finds, and throws whatever a cast throws. Its words may quote the answer, so they are not carried along.
            throw new FailureException(unreadable);
        }
    }

    public async Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null) =>
        await send(new GitHubCall(name, request.Method, request.Endpoint.OriginalString) { Body = request.Body as string });

    public void SetRequestTimeout(TimeSpan timeout) => throw new NotSupportedException("A call has its own deadline.");

    public void Dispose() { }
}
