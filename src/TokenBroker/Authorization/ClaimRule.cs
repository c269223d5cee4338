using System.Globalization;
using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>What one claim must be: it must match one of the patterns. A missing claim never matches.</summary>
internal sealed record ClaimRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    /// <summary>Whether the caller has the claim, and its value or one of its elements matches.</summary>
    public bool IsMetBy(CallerClaims caller) => caller.HasAny(Claim, Matches);

    /// <summary>Whether some caller may meet both rules: they look at different claims, or one value may match both.</summary>
    public bool MayMeetAlso(ClaimRule other) =>
        !string.Equals(Claim.Text, other.Claim.Text, StringComparison.Ordinal) || Matches.Any(one => other.Matches.Any(one.MayOverlap));
}

/// <summary>The oldest time that a claim may hold, such as the time when a machine was created.</summary>
internal sealed record ClaimAge(ClaimPointer Claim, TimeSpan Oldest)
{
    // The issuer's clock may be a little ahead; a time further in the future is not valid.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Whether the claim is present, is a time, and is not too long ago.</summary>
    public bool IsMetBy(CallerClaims caller) =>
        BeganAt(caller.Payload) is { } began && began <= caller.Now + ClockSkew && caller.Now - began <= Oldest;

    /// <summary>The time in the claim; null if it is missing or not a time.</summary>
    public DateTimeOffset? BeganAt(JsonElement payload) => Claim.Find(payload) is { } value ? TimeOf(value) : null;

    private static DateTimeOffset? TimeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var seconds) => FromSeconds(seconds),
        JsonValueKind.String when DateTimeOffset.TryParseExact(
            value.GetString(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => null,
    };

    private static DateTimeOffset? FromSeconds(double seconds) =>
        seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;
}
