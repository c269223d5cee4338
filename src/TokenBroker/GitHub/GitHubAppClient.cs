using System.Net;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub as the App itself, by a JWT made for each request.</summary>
internal sealed class GitHubAppClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets)
{
    /// <summary>Sends a call, or throws <see cref="FailureException"/> if GitHub does not accept the App's JWT.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.App is not { } jwt)
            throw new FailureException(new Failure(FailureKinds.NotConfigured, "This broker has no GitHub App, which repositories and organisations need."));

        // The first refusal's Date has corrected the clock that the second JWT is made by.
        var credential = jwt.Sign();
        var answer = await client.SendAsync(call, credential, cancellation);
        if (answer.Status != HttpStatusCode.Unauthorized)
            return answer;
        answer = await client.SendAsync(call, credential = jwt.Sign(), cancellation);
        if (answer.Status != HttpStatusCode.Unauthorized)
            return answer;

        throw limits.Refuse(credential, answer, "GitHub does not accept this broker's App.");
    }
}
