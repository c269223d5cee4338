using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>Signs the JWTs by which the App itself is known.</summary>
// See https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
internal sealed class AppJwt(string clientId, ContentSource<RsaSecurityKey> key, GitHubClock clock)
{
    private static readonly TimeSpan BackDated = TimeSpan.FromSeconds(60);

    // GitHub takes 10 minutes at most.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(9);

    // Its providers would keep the keys of earlier files alive.
    private static readonly CryptoProviderFactory Signatures = new() { CacheSignatureProviders = false };

    private static readonly JsonWebTokenHandler Writer = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>A credential with a new JWT for each attempt. Its id holds the key's version, so that what GitHub said of one key is not held against the next.</summary>
    public GitHubCredential Sign()
    {
        var version = key.Current;
        return new GitHubCredential($"app {clientId} key {version.Number}", GitHubCredentialKind.App, () => Write(version.Value));
    }

    private string Write(RsaSecurityKey signingKey)
    {
        var now = clock.GetUtcNow();
        return Writer.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = clientId,
            IssuedAt = (now - BackDated).UtcDateTime,
            Expires = (now + Lifetime).UtcDateTime,

            // Two identical JWTs in one second have been answered 404.
            // See https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5025
            Claims = new Dictionary<string, object>(StringComparer.Ordinal) { [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N") },
            SigningCredentials = new SigningCredentials(signingKey, SecurityAlgorithms.RsaSha256) { CryptoProviderFactory = Signatures },
        });
    }
}
