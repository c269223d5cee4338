using System.Collections.Concurrent;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// What GitHub will not do for a credential for a while: it is not asked again before that is over. Remembered by credential and
/// rate-limit resource, so that one owner's limit stops no other's.
/// </summary>
internal sealed class CredentialLimits(GitHubClock clock)
{
    private const string EveryResource = "*";
    private const int MostBlocks = 10_000;

    private readonly ConcurrentDictionary<(string Credential, string Resource), Block> blocks = new();

    // Which resource a call is counted under is only told by its answers; the calls are few and known.
    private readonly ConcurrentDictionary<string, string> resources = new(StringComparer.Ordinal);

    /// <summary>Throws what GitHub last said while it still holds.</summary>
    public void ThrowIfBlocked(GitHubCredential credential, GitHubCall call)
    {
        if ((Find(credential.Id, EveryResource) ?? Find(credential.Id, ResourceOf(call))) is { } failure)
            throw new FailureException(failure);
    }

    /// <summary>Whether anything at all is blocked, for the health page.</summary>
    public bool AnyBlocked => blocks.Keys.Any(key => Find(key.Credential, key.Resource) is not null);

    /// <summary>Remembers what an answer says of a limit; gives the failure if it was refused for it.</summary>
    public Failure? Observe(GitHubCredential credential, GitHubCall call, string? resource, RateLimitNotice? notice)
    {
        if (resource is not null)
            resources[call.Name] = resource;
        if (notice is null)
            return null;

        var failure = new Failure(FailureKinds.RateLimited, "GitHub's rate limit for this broker is used up.") { RetryAfter = notice.Wait };
        Remember(credential, notice.Resource ?? EveryResource, failure, notice.Wait);
        return notice.IsRefused ? failure : null;
    }

    /// <summary>Remembers that GitHub refuses the credential itself.</summary>
    public void Refuse(GitHubCredential credential, Failure failure, TimeSpan duration) => Remember(credential, EveryResource, failure, duration);

    private void Remember(GitHubCredential credential, string resource, Failure failure, TimeSpan duration)
    {
        if (blocks.Count >= MostBlocks)
        {
            foreach (var (key, block) in blocks)
            {
                if (block.Left(clock) <= TimeSpan.Zero)
                    blocks.TryRemove(key, out _);
            }
        }

        if (blocks.Count < MostBlocks)
            blocks[(credential.Id, resource)] = new Block(failure, clock.GetTimestamp(), duration);
    }

    private Failure? Find(string credential, string resource)
    {
        if (!blocks.TryGetValue((credential, resource), out var block))
            return null;
        var left = block.Left(clock);
        return left > TimeSpan.Zero ? block.Failure with { RetryAfter = left } : null;
    }

    private string ResourceOf(GitHubCall call) => resources.GetValueOrDefault(call.Name, RateLimitNotice.CoreResource);

    private sealed record Block(Failure Failure, long Since, TimeSpan Duration)
    {
        public TimeSpan Left(TimeProvider clock) => Duration - clock.GetElapsedTime(Since);
    }
}
