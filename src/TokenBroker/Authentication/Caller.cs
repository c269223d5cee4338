using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace TokenBroker.Authentication;

/// <summary>Who is calling, from a JWT that was verified.</summary>
/// <param name="Issuer">The issuer's name in the configuration.</param>
/// <param name="Subject">The <c>sub</c> claim; empty where there is none.</param>
/// <param name="Id">What tells this caller from others of its issuer.</param>
/// <param name="ExpiresAt">When the JWT ends.</param>
/// <param name="Claims">The JWT's whole payload.</param>
internal sealed record Caller(string Issuer, string Subject, string Id, DateTimeOffset ExpiresAt, JsonElement Claims)
{
    /// <summary>The <c>jti</c> claim; null where there is none.</summary>
    public string? TokenId => TextOf(Claims, "jti") is { Length: > 0 } id ? id : null;

    /// <summary>The claim of its issuer's <c>CallerId</c> that it lacks; null if it has them all.</summary>
    public ClaimPointer? MissingId { get; init; }

    /// <summary>The claims of it that audit events hold.</summary>
    public IReadOnlyList<ClaimPointer> AuditClaims { get; init; } = [];

    private const int LongestName = 256;

    /// <summary>Reads the payload of a verified JWT.</summary>
    public static Caller Read(CallerIssuer issuer, JsonElement claims)
    {
        var identity = issuer.Identify(claims);
        return new Caller(issuer.Name, CallerIdentity.SubjectOf(claims), identity.Id, TokenLifetime.TimeOf(claims, JwtRegisteredClaimNames.Exp)!.Value, claims)
        {
            MissingId = identity.Missing,
            AuditClaims = issuer.AuditClaims,
        };
    }

    /// <summary>The caller of a request that was authenticated.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? throw new InvalidOperationException("The request has no caller: it was not authenticated.");

    /// <summary>Says who, fit for a line of a log, and nothing else: claims are the caller's own business.</summary>
    public override string ToString() =>
        $"caller '{string.Concat(Id.Take(LongestName).Select(character => char.IsControl(character) ? '?' : character))}' of issuer '{Issuer}'";

    private static string TextOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String ? claim.GetString()! : "";
}

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
