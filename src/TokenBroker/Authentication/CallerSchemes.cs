using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>One authentication scheme per issuer, and one that refuses every JWT whose issuer is not configured.</summary>
internal sealed class CallerSchemes(IOptions<IssuerListOptions> callers, IssuerDirectory issuers, TimeProvider clock)
    : IConfigureOptions<AuthenticationOptions>, IConfigureNamedOptions<JwtBearerOptions>
{
    public const string Default = "caller";
    public const string Nobody = "nobody";

    /// <summary>Chooses the scheme by the issuer that the JWT claims; the scheme then verifies that claim.</summary>
    public string Choose(HttpContext context) => issuers.Find(PresentedToken.Of(context).Jwt)?.Scheme ?? Nobody;

    public void Configure(AuthenticationOptions options)
    {
        foreach (var name in callers.Value.Issuers.Keys.Select(CallerIssuer.SchemeOf).Append(Nobody))
            options.AddScheme<JwtBearerHandler>(name, displayName: null);
    }

    public void Configure(JwtBearerOptions options) => Configure(Nobody, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.EventsType = typeof(CallerEvents);
        options.IncludeErrorDetails = false;
        options.SaveToken = false;
        options.MapInboundClaims = false;
        options.TokenValidationParameters = issuers.OfScheme(name ?? Nobody) is { } issuer
            ? CreateParameters(issuer)
            : new TokenValidationParameters();
    }

    private TokenValidationParameters CreateParameters(CallerIssuer issuer) => new()
    {
        ValidateIssuer = true,
        IssuerValidator = (claimed, _, _) => claimed == issuer.Keys.Current?.Issuer
            ? claimed
            : throw new SecurityTokenInvalidIssuerException($"its iss and '{issuer.Keys.Current?.Issuer}' differ by a trailing slash"),
        ValidateAudience = true,
        RequireAudience = true,
        AudienceValidator = (audiences, _, _) => audiences.Any(issuer.Options.Audiences.Contains)
            ? true
            : throw new SecurityTokenInvalidAudienceException("its aud is not one of the issuer's Audiences"),
        ValidateLifetime = true,
        RequireExpirationTime = true,
        LifetimeValidator = new TokenLifetime(issuer.Options.MaximumTokenAge, clock).Validate,
        RequireSignedTokens = true,
        ValidAlgorithms = SigningKeys.Algorithms,
        IssuerSigningKeyResolver = (_, token, keyId, _) => issuer.Keys.Current?.Set.For(keyId, ((JsonWebToken)token).Alg) ?? [],
        NameClaimType = JwtRegisteredClaimNames.Sub,
    };
}

/// <summary>Checks the times of a JWT by the injected clock; the library's own check uses the system clock.</summary>
internal sealed class TokenLifetime(TimeSpan? maximumAge, TimeProvider clock)
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Throws unless the JWT is valid now; one without <c>exp</c> never is.</summary>
    public bool Validate(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        // Parsed again: the library accepts a string in place of a number.
        var claims = UnverifiedJwt.ClaimsOf(((JsonWebToken)token).EncodedToken);
        var now = clock.GetUtcNow();
        if (TimeOf(claims, JwtRegisteredClaimNames.Exp) is not { } end)
            throw new SecurityTokenNoExpirationException("The JWT has no exp.");
        if (end <= now - Skew)
            throw new SecurityTokenExpiredException("The JWT has expired.");
        if (TimeOf(claims, JwtRegisteredClaimNames.Nbf) is { } start && start > now + Skew)
            throw new SecurityTokenNotYetValidException($"The JWT is not valid yet: its nbf is {Ahead(start, now)}.");
        if (maximumAge is { } oldest)
            CheckAge(TimeOf(claims, JwtRegisteredClaimNames.Iat), now, oldest);
        return true;
    }

    private static void CheckAge(DateTimeOffset? issuedAt, DateTimeOffset now, TimeSpan oldest)
    {
        if (issuedAt is null)
            throw new SecurityTokenInvalidLifetimeException("The JWT has no iat, which the issuer's MaximumTokenAge requires.");
        if (issuedAt > now + Skew)
            throw new SecurityTokenNotYetValidException($"The JWT was issued in the future: its iat is {Ahead(issuedAt.Value, now)}.");
        if (now - issuedAt > oldest + Skew)
            throw new SecurityTokenExpiredException("The JWT is older than its issuer's MaximumTokenAge.");
    }

    private static string Ahead(DateTimeOffset time, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"{(time - now).TotalSeconds:F0} s ahead of this clock");

    // A NumericDate: https://www.rfc-editor.org/rfc/rfc7519#section-2
    internal static DateTimeOffset? TimeOf(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value))
            return null;
        var seconds = value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
        return seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : throw new SecurityTokenInvalidLifetimeException($"The JWT's {name} is not a valid time.");
    }
}
