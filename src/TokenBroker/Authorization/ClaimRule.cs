using System.Text.Json;

namespace TokenBroker.Authorization;

/// <summary>What one claim must be: any of the patterns will do, and a claim that is missing never matches.</summary>
public sealed record ClaimRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    /// <summary>Whether the payload has the claim and its value, or one element of it, matches.</summary>
    public bool IsMetBy(JsonElement payload) => Claim.Find(payload) is { } value && value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(MatchesValue),
        _ => MatchesValue(value),
    };

    /// <summary>Whether a caller may meet both: they are about different claims, or about one that has a value for both.</summary>
    public bool MayMeetAlso(ClaimRule other) =>
        !string.Equals(Claim.Text, other.Claim.Text, StringComparison.Ordinal) || Matches.Any(one => other.Matches.Any(one.MayOverlap));

    private bool MatchesValue(JsonElement value)
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        };
        return text is not null && Matches.Any(pattern => pattern.Matches(text));
    }
}
