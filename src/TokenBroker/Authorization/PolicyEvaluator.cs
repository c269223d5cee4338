using System.Text.Json;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Decides, from nothing but its arguments: no clock, no cache, no state.</summary>
public static class PolicyEvaluator
{
    /// <summary>Whether a policy lets the caller do this. One that allows it all is enough; policies are never added together.</summary>
    /// <param name="policies">All policies.</param>
    /// <param name="issuer">The name of the issuer whose signature was verified.</param>
    /// <param name="claims">The verified payload of the caller's JWT.</param>
    /// <param name="operation">What the caller asks for.</param>
    /// <param name="scope">Where.</param>
    public static Decision Evaluate(PolicySet policies, string issuer, JsonElement claims, Operation operation, Scope scope)
    {
        var reason = DenialReason.NoPolicyOfIssuer;
        foreach (var policy in policies.Of(issuer))
        {
            var refusal = Refusal(policy, claims, operation, scope);
            if (refusal == DenialReason.None)
                return new Decision(policy.Name, DenialReason.None);
            if (refusal > reason)
                reason = refusal;
        }

        return new Decision(Policy: null, reason);
    }

    private static DenialReason Refusal(Policy policy, JsonElement claims, Operation operation, Scope scope)
    {
        // A policy without claims is a configuration fault; should one ever get here, it matches nobody.
        if (policy.Claims.Count == 0 || !policy.Claims.All(rule => rule.IsMetBy(claims)))
            return DenialReason.ClaimsDiffer;
        if (!policy.Scopes.Any(pattern => pattern.Matches(scope)))
            return DenialReason.ScopeNotNamed;
        return policy.Operations.Contains(operation) ? DenialReason.None : DenialReason.OperationNotNamed;
    }
}
