using System.Text.Json;
using TokenBroker.Authorization.Grants;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>A policy, compiled.</summary>
public sealed record Policy(
    string Name,
    string Issuer,
    IReadOnlyList<ClaimRule> Claims,
    IReadOnlyList<ScopeRule> Scopes,
    IReadOnlySet<Operation> Operations,
    RunnerRules? Runners)
{
    /// <summary>Claims that end the policy's match; no other's.</summary>
    public IReadOnlyList<ClaimRule> DenyClaims { get; init; } = [];

    /// <summary>How old something may be that a claim tells the beginning of; null for any age.</summary>
    public ClaimAge? MaximumClaimAge { get; init; }

    /// <summary>The least life of a token that the policy's callers get; null for the cache's own minimum.</summary>
    public TimeSpan? MinimumRemainingLifetime { get; init; }

    /// <summary>How often one caller is given the same; null for any number of times.</summary>
    public GrantLimit? Grants { get; init; }

    /// <summary>Whether the caller is one of those that the policy is for.</summary>
    public bool IsFor(CallerClaims caller) => Claims.Count > 0 && !Obstacles(caller).Any();

    /// <summary>
    /// The claims that keep the caller away, and what it has there. A policy without claims is a fault; should one get here,
    /// it is for nobody, and <see cref="IsFor"/> says so.
    /// </summary>
    public IEnumerable<ClaimPointer> Obstacles(CallerClaims caller)
    {
        // One at a time: who only asks whether there is one goes no further, and every request asks that of every policy.
        foreach (var rule in Claims)
        {
            if (!rule.IsMetBy(caller.Payload))
                yield return rule.Claim;
        }

        foreach (var rule in DenyClaims)
        {
            if (rule.IsMetBy(caller.Payload))
                yield return rule.Claim;
        }

        if (MaximumClaimAge is { } age && !age.IsMetBy(caller))
            yield return age.Claim;
    }

    /// <summary>Whether the policy names the scope for a caller with these claims.</summary>
    public bool Names(Scope scope, JsonElement claims) => Scopes.Any(rule => rule.Matches(scope, claims));
}
