using System.Globalization;
using System.IdentityModel.Tokens.Jwt;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Sandbox.GitHub.Answers;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>Checks the App's JWT as GitHub does, with GitHub's messages.</summary>
internal sealed class AppJwtCheck(SandboxCredentials credentials, SandboxClock clock)
{
    public const string Undecodable = "A JSON web token could not be decoded";

    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private readonly SeenTokens seen = new();

    /// <summary>A handler that runs only for a valid JWT of the App.</summary>
    public RequestDelegate Require(RequestDelegate handle) => async context =>
    {
        if (await PassAsync(context))
            await handle(context);
    };

    private async Task<bool> PassAsync(HttpContext context)
    {
        var credential = SandboxRequest.Of(context).Credential;
        if (credential.Kind != SandboxCredentialKind.AppJwt)
        {
            await GitHubError.UnauthorizedAsync(context, Undecodable);
            return false;
        }

        if (IsOfNoApp(credential.Value!))
        {
            await GitHubError.WriteAsync(context, StatusCodes.Status404NotFound, "Integration not found");
            return false;
        }

        if (Fault(credential.Value!) is { } message)
        {
            await GitHubError.UnauthorizedAsync(context, message);
            return false;
        }

        // GitHub has given this response to the second of two byte-identical JWTs.
        if (!seen.TryAdd(credential.Value!))
        {
            await GitHubError.NotFoundAsync(context);
            return false;
        }

        return true;
    }

    private string? Fault(string jwt)
    {
        if (Read(jwt) is not { } payload)
            return Undecodable;
        if (SecondsOf(payload, JwtRegisteredClaimNames.Exp) is not { } expires)
            return "Missing 'expiration time' claim ('exp') in assertion";
        if (SecondsOf(payload, JwtRegisteredClaimNames.Iat) is not { } issued)
            return "Missing 'issued at' claim ('iat') in assertion";

        var now = clock.Now;
        if (expires <= now.ToUnixTimeSeconds())
            return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
        if (expires > (now + LongestLife).ToUnixTimeSeconds())
            return "'Expiration time' claim ('exp') is too far in the future";
        return issued > (now + Tolerance).ToUnixTimeSeconds()
            ? "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
            : null;
    }

    // GitHub looks for the App first, by whose keys it then checks the JWT.
    // See https://github.com/octokit/authentication-strategies.js/issues/165
    private bool IsOfNoApp(string jwt)
    {
        var handler = new JwtSecurityTokenHandler();
        try
        {
            var issuer = handler.ReadJwtToken(jwt).Issuer;
            return !string.Equals(issuer, credentials.AppClientId, StringComparison.Ordinal)
                && !(long.TryParse(issuer, CultureInfo.InvariantCulture, out var id) && id == credentials.AppId);
        }
        catch (Exception exception) when (exception is SecurityTokenException or ArgumentException)
        {
            return false;
        }
    }

    private static long? SecondsOf(JwtPayload payload, string claim) => payload.TryGetValue(claim, out var value)
        ? value switch
        {
            long number => number,
            int number => number,
            _ => null,
        }
        : null;

    private JwtPayload? Read(string jwt)
    {
        var handler = new JwtSecurityTokenHandler();
        foreach (var key in credentials.AppPublicKeys)
        {
            var parameters = new TokenValidationParameters
            {
                IssuerSigningKey = KeyOf(key),
                RequireSignedTokens = true,
                // GitHub has a response of its own for each of these, so they are checked above.
                ValidateIssuer = false,
                ValidateAudience = false,
                ValidateLifetime = false,
            };
            try
            {
                handler.ValidateToken(jwt, parameters, out var token);
                var read = (JwtSecurityToken)token;
                return string.Equals(read.Header.Alg, SecurityAlgorithms.RsaSha256, StringComparison.Ordinal) ? read.Payload : null;
            }
            catch (Exception exception) when (exception is SecurityTokenException or ArgumentException)
            {
                // Not signed by this key, or not a JWT.
            }
        }

        return null;
    }

    // The library's own cache of signature providers is shared by the whole process; parallel tests must not share it.
    private static RsaSecurityKey KeyOf(RSAParameters parameters) =>
        new(parameters) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
}
