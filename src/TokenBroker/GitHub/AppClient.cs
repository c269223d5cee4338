using System.Globalization;
using System.Net;
using System.Text.Json;
using Octokit;
using Octokit.Internal;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub as the App itself, with a new JWT for each request.</summary>
internal sealed class GitHubAppClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets)
{
    /// <summary>
    /// Makes a call through Octokit, which throws its <see cref="ApiException"/> when GitHub refuses. Throws <see
    /// cref="FailureException"/> if
    /// GitHub rejects the App's JWT, and with the given failure if Octokit cannot read a success.
    /// </summary>
    public Task<T> AskAsync<T>(
        string name,
        string owner,
        Func<Connection, Task<T>> ask,
        Failure unreadable,
        CancellationToken cancellation) =>
        OctokitConnection.AskAsync(name, call => SendAsync(call with { Owner = owner }, cancellation), ask, unreadable);

    private async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.App is not { } jwt)
        {
            throw new FailureException(new Failure(
                FailureKinds.NotConfigured,
                "This broker has no GitHub App, which repositories and organizations need."));
        }


        // The Date of the first refusal has corrected the clock for the second JWT.
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

/// <summary>Describes the App and lists its installations, for an operator's diagnosis only, never for a caller.</summary>
internal sealed class AppDirectory(GitHubAppClient app)
{
    private const int PageSize = 100;
    private const int MostPages = 10;

    private static readonly Failure Unreadable = new(FailureKinds.GitHubUnavailable, "GitHub's response did not describe the App.");
    private static readonly Failure UnreadableList = new(
        FailureKinds.GitHubUnavailable,
        "GitHub's response did not list the installations.");

    /// <summary>The App; null if GitHub's response does not describe it.</summary>
    // See https://docs.github.com/rest/apps/apps#get-the-authenticated-app
    public async Task<RegisteredApp?> GetAsync(CancellationToken cancellation)
    {
        var path = new Uri("app", UriKind.Relative);
        var answer = await app.AskAsync(
            "app",
            owner: "",
            github => github.Get<RegisteredApp>(path, parameters: null),
            Unreadable,
            cancellation);
        return answer.Body is { Slug.Length: > 0 } described ? described : null;
    }

    /// <summary>
    /// Up to a thousand installations, and whether these are all. Throws <see cref="ApiException"/> if GitHub refuses.
    /// </summary>
    // See https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app
    public async Task<(IReadOnlyList<Installation> Installations, bool AreAll)> ListAsync(CancellationToken cancellation)
    {
        var installations = new List<Installation>();
        for (var page = 1; page <= MostPages; page++)
        {
            // Pages are counted instead of following links, which could lead anywhere.
            var address = string.Create(CultureInfo.InvariantCulture, $"app/installations?per_page={PageSize}&page={page}");
            var answer = await app.AskAsync(
                "installations",
                owner: "",
                github => github.Get<List<Installation>>(new Uri(address, UriKind.Relative), parameters: null),
                UnreadableList,
                cancellation);

            // Octokit turns anything else into a list of one.
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
/// Octokit over the broker's own transport: Octokit composes the request and reads the response into its models or exceptions. The broker
/// does the rest: queue, limits, retries, deadlines and the credential, since an App needs a new JWT for each attempt.
/// </summary>
internal sealed class OctokitConnection(string name, Func<GitHubCall, Task<GitHubAnswer>> send, Failure unreadable) : IHttpClient
{
    private static readonly ProductHeaderValue Product = new("token-broker", Instrumentation.Version);

    // Never contacted: only the method, path and body that Octokit composes are sent.
    private static readonly Uri Address = new("https://api.github.com/");
    private static readonly ICredentialStore NoCredentials = new InMemoryCredentialStore(Credentials.Anonymous);

    private bool isRead;

    /// <summary>
    /// Sends what Octokit composes. Throws <see cref="ApiException"/> for a refusal that <paramref name="send"/> returns, and the given
    /// failure if Octokit cannot read a success.
    /// </summary>
    public static async Task<T> AskAsync<T>(
        string name,
        Func<GitHubCall, Task<GitHubAnswer>> send,
        Func<Connection, Task<T>> ask,
        Failure unreadable)
    {
        var gateway = new OctokitConnection(name, send, unreadable);
        try
        {
            return await ask(new Connection(Product, Address, NoCredentials, gateway, new SimpleJsonSerializer()));
        }
        catch (Exception exception) when (gateway.isRead && exception is not ApiException)
        {
            // Octokit casts blindly, so any exception may come. Its message may quote the response and is therefore dropped.
            throw new FailureException(unreadable);
        }
    }

    public async Task<IResponse> Send(
        IRequest request,
        CancellationToken cancellationToken,
        Func<object, object>? preprocessResponseBody = null)
    {
        var answer = await send(new GitHubCall(name, request.Method, request.Endpoint.OriginalString) { Body = request.Body as string });

        // Octokit treats every status below 400 as a success.
        if (answer is { IsSuccess: false, StatusCode: < HttpStatusCode.BadRequest })
            throw new FailureException(unreadable);
        isRead = true;
        return answer;
    }

    public void SetRequestTimeout(TimeSpan timeout) => throw new NotSupportedException("A call has its own deadline.");

    public void Dispose() { }
}
