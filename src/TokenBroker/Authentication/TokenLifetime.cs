using System.IdentityModel.Tokens.Jwt;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Authentication;

/// <summary>Checks the times of a JWT by the injected clock; the library's own check reads the system's.</summary>
internal sealed class TokenLifetime(TimeSpan? maximumAge, TimeProvider clock)
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Throws unless the JWT is in force; one without <c>exp</c> never is.</summary>
    public bool Validate(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        if (expires is not { } end)
            throw new SecurityTokenNoExpirationException("The JWT has no exp.");
        if (end <= now - Skew)
            throw new SecurityTokenExpiredException("The JWT has expired.");
        if (notBefore > now + Skew)
            throw new SecurityTokenNotYetValidException("The JWT is not in force yet.");
        if (maximumAge is { } oldest)
            CheckAge(((JwtSecurityToken)token).IssuedAt, now, oldest);
        return true;
    }

    private static void CheckAge(DateTime issuedAt, DateTime now, TimeSpan oldest)
    {
        if (issuedAt == DateTime.MinValue)
            throw new SecurityTokenInvalidLifetimeException("The JWT has no iat, which the issuer's MaximumTokenAge needs.");
        if (issuedAt > now + Skew)
            throw new SecurityTokenNotYetValidException("The JWT was issued in the future.");
        if (now - issuedAt > oldest + Skew)
            throw new SecurityTokenExpiredException("The JWT is older than its issuer's MaximumTokenAge.");
    }
}
