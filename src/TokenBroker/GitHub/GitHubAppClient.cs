using System.Net;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub as the App itself, by a JWT made for each request.</summary>
internal sealed partial class GitHubAppClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets, ILogger<GitHubAppClient> logger)
{
    // Repeated bad credentials make GitHub refuse good ones for a while.
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

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

        Log.Refused(logger, credential.Id, answer.Message);
        var failure = new Failure(FailureKinds.CredentialRefused, "GitHub does not accept this broker's App.") { RetryAfter = PauseAfterRefusal };
        limits.Refuse(credential, failure, PauseAfterRefusal);
        throw new FailureException(failure);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "GitHub refuses {Credential}: {GitHubMessage} It is tried again in a minute, or when its file changes")]
        public static partial void Refused(ILogger logger, string credential, string gitHubMessage);
    }
}
