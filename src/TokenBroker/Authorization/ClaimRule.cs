using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>What one claim must be: any of the patterns will do, and a claim that is missing never matches.</summary>
public sealed record ClaimRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    /// <summary>Whether the caller has the claim and its value, or one element of it, matches.</summary>
    public bool IsMetBy(CallerClaims caller) => caller.HasAny(Claim, Matches);

    /// <summary>Whether a caller may meet both: they are about different claims, or about one that has a value for both.</summary>
    public bool MayMeetAlso(ClaimRule other) =>
        !string.Equals(Claim.Text, other.Claim.Text, StringComparison.Ordinal) || Matches.Any(one => other.Matches.Any(one.MayOverlap));
}
