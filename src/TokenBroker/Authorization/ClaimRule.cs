using System.Globalization;
using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>What one claim must be: any of the patterns will do, and a claim that is missing never matches.</summary>
internal sealed record ClaimRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    /// <summary>Whether the caller has the claim and its value, or one element of it, matches.</summary>
    public bool IsMetBy(CallerClaims caller) => caller.HasAny(Claim, Matches);

    /// <summary>Whether a caller may meet both: they are about different claims, or about one that has a value for both.</summary>
    public bool MayMeetAlso(ClaimRule other) =>
        !string.Equals(Claim.Text, other.Claim.Text, StringComparison.Ordinal) || Matches.Any(one => other.Matches.Any(one.MayOverlap));
}

/// <summary>How old something may be that a claim tells the beginning of, such as a machine.</summary>
internal sealed record ClaimAge(ClaimPointer Claim, TimeSpan Oldest)
{
    // A clock that is a little ahead makes nothing older; a time far ahead is none.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Whether the claim is there, is a time, and is not too long ago.</summary>
    public bool IsMetBy(CallerClaims caller) =>
        BeganAt(caller.Payload) is { } began && began <= caller.Now + Skew && caller.Now - began <= Oldest;

    /// <summary>What the claim tells; null where it is missing or no time.</summary>
    public DateTimeOffset? BeganAt(JsonElement payload) => Claim.Find(payload) is { } value ? TimeOf(value) : null;

    private static DateTimeOffset? TimeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var seconds) => FromSeconds(seconds),
        JsonValueKind.String when DateTimeOffset.TryParseExact(
            value.GetString(), ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => null,
    };

    private static DateTimeOffset? FromSeconds(double seconds) =>
        seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}
