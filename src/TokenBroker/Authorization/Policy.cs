namespace TokenBroker.Authorization;

/// <summary>A policy, compiled.</summary>
public sealed record Policy(
    string Name,
    string Issuer,
    IReadOnlyList<ClaimRule> Claims,
    IReadOnlyList<ScopePattern> Scopes,
    IReadOnlySet<Operation> Operations);
