using System.Globalization;
using System.Net;
using System.Text.Json;
using Octokit;
using Octokit.Internal;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub as the App itself, by a JWT made for each request.</summary>
internal sealed class GitHubAppClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets)
{
    /// <summary>
    /// Makes a call of Octokit's, which throws its <see cref="ApiException"/> where GitHub says no. Throws <see cref="FailureException"/> if
    /// GitHub does not accept the App's JWT, and the failure given where Octokit cannot read a success.
    /// </summary>
    public Task<T> AskAsync<T>(string name, string owner, Func<Connection, Task<T>> ask, Failure unreadable, CancellationToken cancellation) =>
        OctokitConnection.AskAsync(name, call => SendAsync(call with { Owner = owner }, cancellation), ask, unreadable);

    private async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.App is not { } jwt)
            throw new FailureException(new Failure(FailureKinds.NotConfigured, "This broker has no GitHub App, which repositories and organizations need."));

        // The first refusal's Date has corrected the clock that the second JWT is made by.
        var credential = jwt.Sign();
        var answer = await client.SendAsync(call, credential, cancellation);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;
        answer = await client.SendAsync(call, credential = jwt.Sign(), cancellation);
        if (answer.StatusCode != HttpStatusCode.Unauthorized)
            return answer;

        throw limits.Refuse(credential, answer, "GitHub does not accept this broker's App.");
    }
}

/// <summary>The App itself and all its installations. Only a diagnosis that an operator starts asks for them, never a caller.</summary>
internal sealed class AppDirectory(GitHubAppClient app)
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    private static readonly Failure Unreadable = new(FailureKinds.GitHubUnavailable, "GitHub's response did not describe the App.");
    private static readonly Failure UnreadableList = new(FailureKinds.GitHubUnavailable, "GitHub's response did not list the installations.");

    /// <summary>Who the App is; null where GitHub's answer does not say.</summary>
    // See https://docs.github.com/rest/apps/apps#get-the-authenticated-app
    public async Task<RegisteredApp?> GetAsync(CancellationToken cancellation)
    {
        var answer = await app.AskAsync("app", owner: "", github => github.Get<RegisteredApp>(new Uri("app", UriKind.Relative), parameters: null), Unreadable, cancellation);
        return answer.Body is { Slug.Length: > 0 } described ? described : null;
    }

    /// <summary>The installations, and whether these are all: no more than a thousand are read. Throws <see cref="ApiException"/> where GitHub refuses.</summary>
    // See https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app
    public async Task<(IReadOnlyList<Installation> Installations, bool AreAll)> ListAsync(CancellationToken cancellation)
    {
        var installations = new List<Installation>();
        for (var page = 1; page <= MostPages; page++)
        {
            // Page by page, for a link could lead anywhere.
            var path = new Uri(string.Create(CultureInfo.InvariantCulture, $"app/installations?per_page={PageSize}&page={page}"), UriKind.Relative);
            var answer = await app.AskAsync("installations", owner: "", github => github.Get<List<Installation>>(path, parameters: null), UnreadableList, cancellation);

            // Octokit makes a list of one of anything else.
            if (((GitHubAnswer)answer.HttpResponse).Json.ValueKind != JsonValueKind.Array)
                throw new FailureException(UnreadableList);
            installations.AddRange(answer.Body);
            if (answer.Body.Count < PageSize)
                return (installations, true);
        }

        return (installations, false);
    }
}

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
