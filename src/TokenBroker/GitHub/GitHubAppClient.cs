using System.Net;
using Octokit;
using TokenBroker.Failures;

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
            throw new FailureException(new Failure(FailureKinds.NotConfigured, "This broker has no GitHub App, which repositories and organisations need."));

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
