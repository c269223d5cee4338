using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// What policies look at in a caller. A claim is read once, however many policies ask for it, so an instance is for one request and
/// for one thread at a time.
/// </summary>
/// <param name="issuer">The name of the issuer whose signature was verified.</param>
/// <param name="payload">The verified payload of the caller's JWT.</param>
/// <param name="now">The time by which ages of claims are told.</param>
public sealed class CallerClaims(string issuer, JsonElement payload, DateTimeOffset now)
{
    private readonly Dictionary<ClaimPointer, IReadOnlyList<string>> read = [];
    private readonly Dictionary<ClaimPointer, DeniableClaim> deniable = [];

    /// <summary>The name of the issuer whose signature was verified.</summary>
    public string Issuer { get; } = issuer;

    /// <summary>The verified payload of the caller's JWT.</summary>
    public JsonElement Payload { get; } = payload;

    /// <summary>The time by which ages of claims are told.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>The claim of its issuer's <c>CallerId</c> that the caller lacks, so that nothing can be counted for it; null if it lacks none.</summary>
    public ClaimPointer? MissingId { get; init; }

    internal static CallerClaims Of(Caller caller, TimeProvider clock) => Of(caller, clock.GetUtcNow());

    internal static CallerClaims Of(Caller caller, DateTimeOffset now) => new(caller.Issuer, caller.Claims, now) { MissingId = caller.MissingId };

    /// <summary>
    /// What a claim may be matched by: its text, or those of its elements, each once. Numbers and booleans have their JSON text; an
    /// object, a null, an array in an array and a claim that is missing have none.
    /// </summary>
    public IReadOnlyList<string> TextsOf(ClaimPointer claim)
    {
        if (!read.TryGetValue(claim, out var texts))
            read.Add(claim, texts = Read(claim.Find(Payload)));
        return texts;
    }

    /// <summary>Whether the claim's text, or that of one of its elements, matches one of the patterns.</summary>
    public bool HasAny(ClaimPointer claim, IReadOnlyList<Pattern> patterns) => Pattern.AnyMatches(patterns, TextsOf(claim));

    /// <summary>What deny rules find of a claim.</summary>
    internal DeniableClaim DeniableAt(ClaimPointer claim)
    {
        if (!deniable.TryGetValue(claim, out var found))
            deniable.Add(claim, found = DeniableClaim.Find(claim, Payload));
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
        { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray().Select(TextOf).OfType<string>().Distinct(StringComparer.Ordinal)],
        { } value => TextOf(value) is { } text ? [text] : [],
    };
}
