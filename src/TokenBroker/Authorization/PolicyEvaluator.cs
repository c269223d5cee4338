using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Decides, from nothing but its arguments: no clock, no cache, no state.</summary>
internal static class PolicyEvaluator
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

/// <summary>What the policies say to one request.</summary>
/// <param name="Policies">All that allow it; each by itself is enough, and they are never added together.</param>
/// <param name="Reason">Why none does, for the log and never for the caller.</param>
internal sealed record Decision(IReadOnlyList<Policy> Policies, DenialReason Reason)
{
    /// <summary>Whether the request may go on.</summary>
    public bool IsAllowed => Policies.Count > 0;

    /// <summary>The least life of a token that the caller gets: the longest that one of them asks for; null if none does.</summary>
    public TimeSpan? MinimumRemainingLifetime => Policies.Max(policy => policy.MinimumRemainingLifetime);

    /// <summary>Whether one of the policies counts what it gives.</summary>
    public bool IsCounted => Policies.Any(policy => policy.Grants is not null);

    /// <summary>The names of the policies that allow it.</summary>
    public string Names => string.Join(", ", Policies.Select(policy => policy.Name));
}

/// <summary>How far the nearest policy got before it did not match.</summary>
internal enum DenialReason
{
    /// <summary>The request is allowed.</summary>
    None,

    /// <summary>The caller's issuer has no policy.</summary>
    NoPolicyOfIssuer,

    /// <summary>No policy's claims match the caller's.</summary>
    ClaimsDiffer,

    /// <summary>A policy matches the caller, but does not name the scope.</summary>
    ScopeNotNamed,

    /// <summary>A policy matches caller and scope, but does not name the operation.</summary>
    OperationNotNamed,

    /// <summary>A policy allows it and counts what it gives, and the JWT does not say whom to count it for.</summary>
    CallerIdMissing,

    /// <summary>Policies allow it, but have given this caller the same as often as they do.</summary>
    GrantsUsedUp,
}
