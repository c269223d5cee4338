using System.Text.Json;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Decides, from nothing but its arguments: no clock, no cache, no state.</summary>
public static class PolicyEvaluator
{
    /// <summary>Which policies let the caller do this. One is enough; they are never added together.</summary>
    /// <param name="policies">All policies.</param>
    /// <param name="issuer">The name of the issuer whose signature was verified.</param>
    /// <param name="claims">The verified payload of the caller's JWT.</param>
    /// <param name="operation">What the caller asks for.</param>
    /// <param name="scope">Where.</param>
    public static Decision Evaluate(PolicySet policies, string issuer, JsonElement claims, Operation operation, Scope scope)
    {
        var allowing = new List<Policy>();
        var reason = DenialReason.NoPolicyOfIssuer;
        foreach (var policy in policies.Of(issuer))
        {
            var refusal = Refusal(policy, claims, operation, scope);
            if (refusal == DenialReason.None)
                allowing.Add(policy);
            else if (refusal > reason)
                reason = refusal;
        }

        return new Decision(allowing, allowing.Count > 0 ? DenialReason.None : reason);
    }

    /// <summary>Whether a policy lets the caller do anything at all on a scope of this owner.</summary>
    public static Decision EvaluateOwner(PolicySet policies, string issuer, JsonElement claims, string owner)
    {
        var own = policies.Of(issuer).Where(policy => policy.IsFor(claims)).ToList();
        var naming = own.Where(policy => policy.Scopes.Any(pattern => pattern.MatchesOwner(owner))).ToList();
        return new Decision(naming, naming.Count > 0 ? DenialReason.None : own.Count > 0 ? DenialReason.ScopeNotNamed : DenialReason.ClaimsDiffer);
    }

    private static DenialReason Refusal(Policy policy, JsonElement claims, Operation operation, Scope scope) =>
        !policy.IsFor(claims) ? DenialReason.ClaimsDiffer
        : !policy.Names(scope) ? DenialReason.ScopeNotNamed
        : policy.Operations.Contains(operation) ? DenialReason.None
        : DenialReason.OperationNotNamed;
}
