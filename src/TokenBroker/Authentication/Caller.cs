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
