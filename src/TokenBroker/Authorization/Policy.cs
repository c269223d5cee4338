using System.Text.Json;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>A policy, compiled.</summary>
public sealed record Policy(
    string Name,
    string Issuer,
    IReadOnlyList<ClaimRule> Claims,
    IReadOnlyList<ScopePattern> Scopes,
    IReadOnlySet<Operation> Operations,
    RunnerBounds? Runners)
{
    /// <summary>Whether the caller is one of those that the policy is for. A policy without claims is a fault; should one get here, it is for nobody.</summary>
    public bool IsFor(JsonElement claims) => Claims.Count > 0 && Claims.All(rule => rule.IsMetBy(claims));

    /// <summary>Whether the policy names the scope.</summary>
    public bool Names(Scope scope) => Scopes.Any(pattern => pattern.Matches(scope));
}
