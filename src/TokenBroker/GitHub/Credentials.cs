using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Caching;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>The broker's own credentials; either may be missing, and then the scopes that need it are not served.</summary>
internal sealed class GitHubSecrets
{
    public GitHubSecrets(IOptions<GitHubOptions> options, GitHubClock clock, WatchedFiles files, ILogger<GitHubSecrets> logger)
    {
        var app = options.Value.App;
        if (app.ClientId is { Length: > 0 } clientId)
            App = new AppJwt(clientId.Trim(), ContentSources.Create(app.PrivateKey, app.PrivateKeyPath, AppKey.Parse, files, logger), clock);

        var (token, path) = (options.Value.EnterpriseToken, options.Value.EnterpriseTokenPath);
        if (token is { Length: > 0 } || path is { Length: > 0 })
            EnterpriseToken = ContentSources.Create(token, path, GitHub.EnterpriseToken.Parse, files, logger);
    }

    /// <summary>Signs as the App; null without one.</summary>
    public AppJwt? App { get; }

    /// <summary>The enterprise token; null without one.</summary>
    public ContentSource<EnterpriseToken>? EnterpriseToken { get; }
}

/// <summary>Which GitHub this is and as whom the broker is known there: part of every cache key.</summary>
internal sealed record GitHubIdentity(string Host, string App);

/// <summary>The personal access token that enterprise scopes need.</summary>
/// <param name="Value">The token.</param>
internal sealed record EnterpriseToken(string Value)
{
    public static bool IsToken(string text) => text is { Length: > 0 and <= 1024 } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.');

    public static EnterpriseToken Parse(string text) => IsToken(text) ? new EnterpriseToken(text) : throw new FormatException("is not a token");

    public override string ToString() => "the enterprise token";
}

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

/// <summary>What a request shows to GitHub.</summary>
/// <param name="Id">What GitHub counts its limits by, and this broker remembers them under: the App, an installation, the enterprise token.</param>
/// <param name="Kind">Which of the few kinds it is.</param>
/// <param name="Token">Gives the token for one attempt.</param>
internal sealed record GitHubCredential(string Id, GitHubCredentialKind Kind, Func<string> Token)
{
    /// <summary>A credential that stays the same.</summary>
    public GitHubCredential(string id, GitHubCredentialKind kind, string token)
        : this(id, kind, () => token)
    {
    }

    /// <summary>What GitHub's audit log calls <c>hashed_token</c>; null for a JWT of the App's own, which is not in it.</summary>
    public string? TokenSha256 => Kind == GitHubCredentialKind.App ? null : TokenHash.Of(Token()).Base64;

    public override string ToString() => Id;
}

/// <summary>The kinds of credential that the broker shows to GitHub.</summary>
internal enum GitHubCredentialKind
{
    /// <summary>A JWT of the App itself.</summary>
    App,

    /// <summary>A token of one installation of the App.</summary>
    Installation,

    /// <summary>The enterprise token.</summary>
    Enterprise,
}
