using System.Collections.Concurrent;
using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// What GitHub will not do for a credential for a while: it is not asked again before that is over. Remembered by credential and
/// rate-limit resource, so that one owner's limit stops no other's.
/// </summary>
internal sealed partial class CredentialLimits(GitHubClock clock, ILogger<CredentialLimits> logger)
{
    private const string EveryResource = "*";

    // Repeated bad credentials make GitHub refuse good ones for a while.
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

    private readonly BoundedMemory<Failure> blocks = new(clock, capacity: 10_000);

    // Which resource a call is counted under is only told by its answers; the calls are few and known.
    private readonly ConcurrentDictionary<string, string> resources = new(StringComparer.Ordinal);

    /// <summary>Throws what GitHub last said while it still holds.</summary>
    public void ThrowIfBlocked(GitHubCredential credential, GitHubCall call)
    {
        if ((Find(credential.Id, EveryResource) ?? Find(credential.Id, ResourceOf(call))) is { } failure)
            throw new FailureException(failure);
    }

    /// <summary>Whether anything at all is blocked, for the health page.</summary>
    public bool AnyBlocked => blocks.All.Any();

    /// <summary>Remembers what an answer says of a limit; gives the failure if it was refused for it.</summary>
    public Failure? Observe(GitHubCredential credential, GitHubCall call, string? resource, RateLimitNotice? notice)
    {
        if (resource is not null)
            resources[call.Name] = resource;
        if (notice is null)
            return null;

        var failure = new Failure(FailureKinds.RateLimited, "GitHub's rate limit for this broker is used up.") { RetryAfter = notice.Wait };
        blocks.Remember(KeyOf(credential.Id, notice.Resource ?? EveryResource), failure, notice.Wait);
        return notice.IsRefused ? failure : null;
    }

    /// <summary>Remembers that GitHub refuses the credential itself, and gives what to throw.</summary>
    public FailureException Refuse(GitHubCredential credential, GitHubAnswer answer, string detail)
    {
        Log.Refused(logger, credential.Id, answer.Message);
        var failure = new Failure(FailureKinds.CredentialRefused, detail) { RetryAfter = PauseAfterRefusal };
        blocks.Remember(KeyOf(credential.Id, EveryResource), failure, PauseAfterRefusal);
        return new FailureException(failure) { GitHubMessage = answer.Message };
    }

    /// <summary>What GitHub counts a call under, as far as it has told.</summary>
    public string ResourceOf(GitHubCall call) => resources.GetValueOrDefault(call.Name, RateLimitNotice.CoreResource);

    /// <summary>What GitHub counts by: a credential and a resource.</summary>
    public static string KeyOf(string credential, string resource) => $"{credential}|{resource}";

    private Failure? Find(string credential, string resource) =>
        blocks.Recall(KeyOf(credential, resource), out var left) is { } failure ? failure with { RetryAfter = left } : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "GitHub refuses {Credential} with '{GitHubMessage}'. It is tried again in a minute, or when its file changes")]
        public static partial void Refused(ILogger logger, string credential, string gitHubMessage);
    }
}
