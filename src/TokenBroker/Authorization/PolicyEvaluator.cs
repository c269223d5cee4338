using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Decides, from nothing but its arguments: no clock, no cache, no state.</summary>
public static class PolicyEvaluator
{
    /// <summary>Which policies let the caller do this. One is enough; they are never added together.</summary>
    /// <param name="policies">All policies.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="operation">What for.</param>
    /// <param name="scope">Where.</param>
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

    /// <summary>Which policies let the caller do anything at all on a scope of this owner.</summary>
    public static Decision EvaluateOwner(PolicySet policies, CallerClaims caller, string owner)
    {
        var own = policies.For(caller);
        var naming = own.Where(policy => policy.Scopes.Any(rule => rule.MatchesOwner(owner, caller.Payload))).ToList();
        return new Decision(naming, naming.Count > 0 ? DenialReason.None : own.Count > 0 ? DenialReason.ScopeNotNamed : DenialReason.ClaimsDiffer);
    }

    private static DenialReason Refusal(Policy policy, CallerClaims caller, Operation operation, Scope scope) =>
        !policy.Names(scope, caller.Payload) ? DenialReason.ScopeNotNamed
        : !policy.Operations.Contains(operation) ? DenialReason.OperationNotNamed
        : policy.Counts(operation) && caller.MissingId is not null ? DenialReason.CallerIdMissing
        : DenialReason.None;
}
