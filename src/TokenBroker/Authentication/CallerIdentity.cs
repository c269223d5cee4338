using System.Text.Json;

namespace TokenBroker.Authentication;

/// <summary>What tells a caller from others of its issuer. No two whose claims differ have one id.</summary>
/// <param name="Id">The claims of <c>CallerId</c> in one text; where one is missing, the <c>sub</c>, marked as such.</param>
/// <param name="Missing">The first of those claims that the JWT lacks; null if it has them all.</param>
internal sealed record CallerIdentity(string Id, ClaimPointer? Missing)
{
    // What begins so is no claim's text.
    private const string OtherThanText = "#";
    private const string InPlace = "sub:";

    private static readonly ClaimPointer SubjectClaim = ClaimPointer.TryParse("sub", out var pointer) ? pointer : throw new FormatException();

    /// <summary>Reads the payload of a JWT.</summary>
    /// <param name="pointers">The issuer's <c>CallerId</c>; empty for its default, <c>sub</c>.</param>
    /// <param name="claims">The payload.</param>
    public static CallerIdentity Read(IReadOnlyList<ClaimPointer> pointers, JsonElement claims)
    {
        var subject = SubjectOf(claims);
        if (pointers.Count == 0)
            return new CallerIdentity(subject, subject.Length > 0 ? null : SubjectClaim);
        var parts = new string[pointers.Count];
        for (var index = 0; index < parts.Length; index++)
        {
            if (pointers[index].Find(claims) is not { ValueKind: not JsonValueKind.Null } part)
                return new CallerIdentity(InPlace + subject, pointers[index]);
            parts[index] = part.ValueKind == JsonValueKind.String ? Mark(Escape(part.GetString()!)) : OtherThanText + Escape(part.GetRawText());
        }

        return new CallerIdentity(string.Join('|', parts), Missing: null);
    }

    /// <summary>The <c>sub</c>; empty where there is none or it is no text.</summary>
    public static string SubjectOf(JsonElement claims) => SubjectClaim.Find(claims) is { ValueKind: JsonValueKind.String } subject ? subject.GetString()! : "";

    private static string Escape(string part) => part.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Mark(string text) =>
        text.StartsWith(OtherThanText, StringComparison.Ordinal) || text.StartsWith(InPlace, StringComparison.Ordinal) ? "\\" + text : text;
}
