using System.Net;
using System.Net.Http.Headers;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>Calls GitHub by the enterprise token.</summary>
// See https://docs.github.com/rest/actions/self-hosted-runners
internal sealed partial class EnterpriseClient(GitHubClient client, CredentialLimits limits, GitHubSecrets secrets, ILogger<EnterpriseClient> logger)
{
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

    /// <summary>Sends a call, or throws <see cref="FailureException"/> without a token, or if GitHub does not accept it.</summary>
    public async Task<GitHubAnswer> SendAsync(GitHubCall call, CancellationToken cancellation)
    {
        if (secrets.EnterpriseToken is not { } token)
            throw new FailureException(new Failure(FailureKinds.NotConfigured, "This broker has no enterprise token, which enterprise scopes need."));

        var version = token.Current;
        var credential = new GitHubCredential($"enterprise token {version.Number}", new AuthenticationHeaderValue("Bearer", version.Value.Value));
        var answer = await client.SendAsync(call, credential, cancellation);
        if (answer.Status != HttpStatusCode.Unauthorized)
            return answer;

        Log.Refused(logger, credential.Id, answer.Message);
        var failure = new Failure(FailureKinds.CredentialRefused, "GitHub does not accept this broker's enterprise token.") { RetryAfter = PauseAfterRefusal };
        limits.Refuse(credential, failure, PauseAfterRefusal);
        throw new FailureException(failure);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "GitHub refuses {Credential}: {GitHubMessage} It is tried again in a minute, or when its file changes")]
        public static partial void Refused(ILogger logger, string credential, string gitHubMessage);
    }
}
