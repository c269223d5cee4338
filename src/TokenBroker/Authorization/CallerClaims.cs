using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// The caller as policies see it. Each claim is read only once, however many policies look at it, so an instance serves one request, on
/// one thread at a time.
/// </summary>
/// <param name="issuer">The name of the issuer whose signature was verified.</param>
/// <param name="payload">The verified payload of the caller's JWT.</param>
/// <param name="now">The time from which the ages of claims are measured.</param>
internal sealed class CallerClaims(string issuer, JsonElement payload, DateTimeOffset now)
{
    private readonly Dictionary<ClaimPointer, IReadOnlyList<string>> read = [];
    private readonly Dictionary<ClaimPointer, DeniableClaim> deniable = [];

    /// <summary>The name of the issuer whose signature was verified.</summary>
    public string Issuer { get; } = issuer;

    /// <summary>The verified payload of the caller's JWT.</summary>
    public JsonElement Payload { get; } = payload;

    /// <summary>The time from which the ages of claims are measured.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>
    /// A claim of the issuer's <c>CallerId</c> that the caller lacks, so that nothing can be counted for it; null if it has all of them.
    /// </summary>
    public ClaimPointer? MissingId { get; init; }

    internal static CallerClaims Of(Caller caller, TimeProvider clock) => Of(caller, clock.GetUtcNow());

    internal static CallerClaims Of(Caller caller, DateTimeOffset now) =>
        new(caller.Issuer, caller.Claims, now) { MissingId = caller.MissingId };

    /// <summary>
    /// The texts that patterns are compared with: the claim's own, or those of its elements without duplicates. Numbers and booleans have
    /// their JSON text. Objects, nulls, arrays within arrays and missing claims have no text.
    /// </summary>
    public IReadOnlyList<string> TextsOf(ClaimPointer claim)
    {
        if (!read.TryGetValue(claim, out var texts))
            read.Add(claim, texts = Read(claim.Find(Payload)));
        return texts;
    }

    /// <summary>Whether the claim, or one of its elements, matches one of the patterns.</summary>
    public bool HasAny(ClaimPointer claim, IReadOnlyList<Pattern> patterns) => Pattern.AnyMatches(patterns, TextsOf(claim));

    /// <summary>The claim as deny rules see it.</summary>
    internal DeniableClaim DeniableAt(ClaimPointer claim)
    {
        if (!deniable.TryGetValue(claim, out var found))
            deniable.Add(claim, found = DeniableClaim.Read(claim, Payload));
        return found;
    }

    internal static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static IReadOnlyList<string> Read(JsonElement? claim) => claim switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } array =>
            [.. array.EnumerateArray().Select(TextOf).OfType<string>().Distinct(StringComparer.Ordinal)],
        { } value => TextOf(value) is { } text ? [text] : [],
    };
}
