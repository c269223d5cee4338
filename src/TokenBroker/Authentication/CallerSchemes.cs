using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>One authentication scheme an issuer, and one that accepts nobody for JWTs that no issuer here has signed.</summary>
internal sealed class CallerSchemes(IOptions<IssuerListOptions> callers, IssuerDirectory issuers, TimeProvider clock)
    : IConfigureOptions<AuthenticationOptions>, IConfigureNamedOptions<JwtBearerOptions>
{
    public const string Default = "caller";
    public const string Nobody = "nobody";

    /// <summary>Chooses the scheme by what the JWT says of itself; the scheme then holds it to that.</summary>
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
        options.TokenValidationParameters = issuers.OfScheme(name ?? Nobody) is { } issuer ? ParametersOf(issuer) : new TokenValidationParameters();
    }

    private TokenValidationParameters ParametersOf(CallerIssuer issuer) => new()
    {
        ValidateIssuer = true,
        IssuerValidator = (claimed, _, _) => claimed == issuer.Keys.Current?.Issuer
            ? claimed
            : throw new SecurityTokenInvalidIssuerException($"its iss and '{issuer.Keys.Current?.Issuer}' differ by a slash at their ends"),
        ValidateAudience = true,
        RequireAudience = true,
        AudienceValidator = (audiences, _, _) => audiences.Any(issuer.Options.Audiences.Contains)
            ? true
            : throw new SecurityTokenInvalidAudienceException("its aud is none of the issuer's"),
        ValidateLifetime = true,
        RequireExpirationTime = true,
        LifetimeValidator = new TokenLifetime(issuer.Options.MaximumTokenAge, clock).Validate,
        RequireSignedTokens = true,
        ValidAlgorithms = SigningKeys.Algorithms,
        IssuerSigningKeyResolver = (_, token, keyId, _) => issuer.Keys.Current?.Set.For(keyId, ((JsonWebToken)token).Alg) ?? [],
        NameClaimType = JwtRegisteredClaimNames.Sub,
    };
}
