using System.Globalization;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace TokenBroker.Authentication;

/// <summary>The sender of a request, as its verified JWT describes it.</summary>
/// <param name="Issuer">The issuer's name in the configuration.</param>
/// <param name="Subject">The <c>sub</c> claim; empty if the JWT has none.</param>
/// <param name="Id">Distinguishes this caller from others of the same issuer.</param>
/// <param name="ExpiresAt">When the JWT expires.</param>
/// <param name="Claims">The JWT's whole payload.</param>
internal sealed record Caller(string Issuer, string Subject, string Id, DateTimeOffset ExpiresAt, JsonElement Claims)
{
    private const int LongestName = 256;

    /// <summary>The <c>jti</c> claim; null if the JWT has none.</summary>
    public string? TokenId => TextOf(Claims, "jti") is { Length: > 0 } id ? id : null;

    /// <summary>The first claim of the issuer's <c>CallerId</c> that the JWT lacks; null if it has them all.</summary>
    public ClaimPointer? MissingId { get; init; }

    /// <summary>The claims that audit events include.</summary>
    public IReadOnlyList<ClaimPointer> AuditClaims { get; init; } = [];

    /// <summary>Identifies this caller among those of all issuers. The caller can make it long, so hash it before storing it.</summary>
    // The id comes last, after the issuer's name and its length, so no two callers share a key.
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Issuer.Length}|{Issuer}|{Id}");

    /// <summary>Reads the payload of a verified JWT.</summary>
    public static Caller Read(CallerIssuer issuer, JsonElement claims)
    {
        var identity = issuer.Identify(claims);
        var expiresAt = TokenLifetime.TimeOf(claims, JwtRegisteredClaimNames.Exp)!.Value;
        return new Caller(issuer.Name, CallerIdentity.SubjectOf(claims), identity.Id, expiresAt, claims)
        {
            MissingId = identity.Missing,
            AuditClaims = issuer.AuditClaims,
        };
    }

    /// <summary>The caller of an authenticated request.</summary>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The request was not authenticated, so it has no caller.");

    /// <summary>Names the caller in one line of a log, without the claims, which may be confidential.</summary>
    public override string ToString()
    {
        var name = string.Concat(Id.Take(LongestName).Select(character => char.IsControl(character) ? '?' : character));
        return $"caller '{name}' of issuer '{Issuer}'";
    }

    private static string TextOf(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var claim) && claim.ValueKind == JsonValueKind.String ? claim.GetString()! : "";
}

/// <summary>Distinguishes the callers of one issuer. Two callers with different claims never share an id.</summary>
/// <param name="Id">The claims of <c>CallerId</c> in one string; if one is missing, the <c>sub</c>, marked as a substitute.</param>
/// <param name="Missing">The first of those claims that the JWT lacks; null if it has them all.</param>
internal sealed record CallerIdentity(string Id, ClaimPointer? Missing)
{
    // A string claim that begins with one of these is escaped.
    private const string NotAString = "#";
    private const string Substitute = "sub:";

    private static readonly ClaimPointer SubjectClaim =
        ClaimPointer.TryParse("sub", out var pointer) ? pointer : throw new FormatException();

    /// <param name="pointers">The issuer's <c>CallerId</c>; empty for its default, <c>sub</c>.</param>
    /// <param name="claims">The payload of a JWT.</param>
    public static CallerIdentity Read(IReadOnlyList<ClaimPointer> pointers, JsonElement claims)
    {
        var subject = SubjectOf(claims);
        if (pointers.Count == 0)
            return new CallerIdentity(subject, subject.Length > 0 ? null : SubjectClaim);
        var parts = new string[pointers.Count];
        for (var index = 0; index < parts.Length; index++)
        {
            if (pointers[index].Find(claims) is not { ValueKind: not JsonValueKind.Null } part)
                return new CallerIdentity(Substitute + subject, pointers[index]);
            parts[index] = part.ValueKind == JsonValueKind.String
                ? EscapePrefix(Escape(part.GetString()!))
                : NotAString + Escape(part.GetRawText());
        }

        return new CallerIdentity(string.Join('|', parts), Missing: null);
    }

    /// <summary>The <c>sub</c>; empty if it is missing or not a string.</summary>
    public static string SubjectOf(JsonElement claims) =>
        SubjectClaim.Find(claims) is { ValueKind: JsonValueKind.String } subject ? subject.GetString()! : "";

    private static string Escape(string part) =>
        part.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    private static string EscapePrefix(string text) =>
        text.StartsWith(NotAString, StringComparison.Ordinal) || text.StartsWith(Substitute, StringComparison.Ordinal) ? "\\" + text : text;
}
