using System.Text.Json;
using TokenBroker.Authentication;
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
    public IReadOnlyList<DenyRule> DenyClaims { get; init; } = [];

    /// <summary>How old something may be that a claim tells the beginning of; null for any age.</summary>
    public ClaimAge? MaximumClaimAge { get; init; }

    /// <summary>The least life of a token that the policy's callers get; null for the cache's own minimum.</summary>
    public TimeSpan? MinimumRemainingLifetime { get; init; }

    /// <summary>How often one caller is given the same; null for any number of times.</summary>
    public GrantLimit? Grants { get; init; }

    private int Conditions => Claims.Count + DenyClaims.Count + (MaximumClaimAge is null ? 0 : 1);

    /// <summary>
    /// Whether the caller is one of those that the policy is for. A policy without claims is a fault; should one get here, it is for nobody.
    /// </summary>
    public bool IsFor(CallerClaims caller)
    {
        if (Claims.Count == 0)
            return false;
        for (var condition = 0; condition < Conditions; condition++)
        {
            if (Obstacle(condition, caller) is not null)
                return false;
        }

        return true;
    }

    /// <summary>The claims that keep the caller away, found one at a time.</summary>
    public IEnumerable<ClaimPointer> Obstacles(CallerClaims caller) =>
        Enumerable.Range(0, Conditions).Select(condition => Obstacle(condition, caller)).OfType<ClaimPointer>();

    /// <summary>Whether one of the claims that must not be is.</summary>
    public bool Denies(CallerClaims caller) => DenyClaims.Any(rule => rule.Denies(caller));

    /// <summary>Whether the policy names the scope for a caller with these claims.</summary>
    public bool Names(Scope scope, JsonElement claims)
    {
        for (var rule = 0; rule < Scopes.Count; rule++)
        {
            if (Scopes[rule].Matches(scope, claims))
                return true;
        }

        return false;
    }

    /// <summary>Whether the policy counts how often a caller is given this.</summary>
    public bool Counts(Operation operation) => Grants is not null && OperationNames.Granted.Contains(operation);

    // The claims come first, then those that must not be, then the age.
    private ClaimPointer? Obstacle(int condition, CallerClaims caller)
    {
        if (condition < Claims.Count)
            return Claims[condition].IsMetBy(caller) ? null : Claims[condition].Claim;

        condition -= Claims.Count;
        if (condition < DenyClaims.Count)
            return DenyClaims[condition].Denies(caller) ? DenyClaims[condition].Claim : null;

        return MaximumClaimAge!.IsMetBy(caller) ? null : MaximumClaimAge.Claim;
    }
}
