using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Decides from its arguments alone: no clock, no cache, no state.</summary>
internal static class PolicyEvaluator
{
    /// <summary>Finds the policies that allow the operation on the scope. One is enough; policies are never combined.</summary>
    public static Decision Evaluate(PolicySet policies, CallerClaims caller, Operation operation, Scope scope)
    {
        var allowing = new List<Policy>();
        var reason = policies.Of(caller.Issuer).Any() ? DenialReason.ClaimsDiffer : DenialReason.NoPolicyOfIssuer;
        foreach (var policy in policies.For(caller))
        {
            var refusal = Refusal(policy, caller, operation, scope);
            if (refusal == DenialReason.None)
                allowing.Add(policy);
            else if (refusal > reason)
                reason = refusal;
        }

        return new Decision(allowing, allowing.Count > 0 ? DenialReason.None : reason);
    }

    /// <summary>Finds the policies that allow the caller any operation on a scope of this owner.</summary>
    public static Decision EvaluateOwner(PolicySet policies, CallerClaims caller, string owner)
    {
        var own = policies.For(caller);
        var naming = own.Where(policy => policy.Scopes.Any(rule => rule.MatchesOwner(owner, caller.Payload))).ToList();
        return new Decision(
            naming,
            naming.Count > 0 ? DenialReason.None : own.Count > 0 ? DenialReason.ScopeNotNamed : DenialReason.ClaimsDiffer);
    }

    private static DenialReason Refusal(Policy policy, CallerClaims caller, Operation operation, Scope scope) =>
        !policy.Names(scope, caller.Payload) ? DenialReason.ScopeNotNamed
        : !policy.Operations.Contains(operation) ? DenialReason.OperationNotNamed
        : policy.Counts(operation) && caller.MissingId is not null ? DenialReason.CallerIdMissing
        : DenialReason.None;
}

/// <summary>The policies' decision on one request.</summary>
/// <param name="Policies">All policies that allow it; each is enough by itself, and they are never combined.</param>
/// <param name="Reason">Why no policy allows it: for the log, never for the caller.</param>
internal sealed record Decision(IReadOnlyList<Policy> Policies, DenialReason Reason)
{
    public bool IsAllowed => Policies.Count > 0;

    /// <summary>The longest of the minimums that the policies set for a token's remaining lifetime; null if none sets one.</summary>
    public TimeSpan? MinimumRemainingLifetime => Policies.Max(policy => policy.MinimumRemainingLifetime);

    /// <summary>Whether one of the policies counts grants.</summary>
    public bool IsCounted => Policies.Any(policy => policy.Grants is not null);

    /// <summary>The names of the policies, for the log.</summary>
    public string Names => string.Join(", ", Policies.Select(policy => policy.Name));
}

/// <summary>How far the nearest policy got before it did not match.</summary>
public enum DenialReason
{
    /// <summary>The request is allowed.</summary>
    None,

    /// <summary>The caller's issuer has no policy.</summary>
    NoPolicyOfIssuer,

    /// <summary>No policy's claims match the caller's.</summary>
    ClaimsDiffer,

    /// <summary>A policy matches the caller, but does not cover the scope.</summary>
    ScopeNotNamed,

    /// <summary>A policy matches caller and scope, but does not allow the operation.</summary>
    OperationNotNamed,

    /// <summary>A policy would allow it and count a grant, but the JWT lacks a claim of the caller id.</summary>
    CallerIdMissing,

    /// <summary>Policies allow it, but the caller has used up its grants.</summary>
    GrantsUsedUp,
}
