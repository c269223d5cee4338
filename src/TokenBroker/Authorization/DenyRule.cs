using System.Text.Json;

namespace TokenBroker.Authorization;

/// <summary>What one claim must not be. In doubt it denies: its <c>*</c> stands for <c>/</c> too, and what no pattern can be compared with is denied.</summary>
public sealed record DenyRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    /// <summary>Whether the caller's value, or one element of it, matches, or cannot be compared.</summary>
    public bool Denies(CallerClaims caller) => caller.HasOtherThanTexts(Claim) || caller.HasAny(Claim, Matches);

    /// <summary>Whether the caller's JWT says nothing there, so that the rule can deny nothing.</summary>
    public bool LacksClaim(CallerClaims caller) => Claim.Find(caller.Payload) is null or { ValueKind: JsonValueKind.Null };
}
