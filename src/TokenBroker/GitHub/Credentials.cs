using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Caching;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>The broker's own credentials. Either may be missing; the scopes that require it are then not served.</summary>
internal sealed class GitHubSecrets
{
    public GitHubSecrets(IOptions<GitHubOptions> options, GitHubClock clock, WatchedFiles files, ILogger<GitHubSecrets> logger)
    {
        var app = options.Value.App;
        if (app.ClientId is { Length: > 0 } clientId)
        {
            var key = ContentSources.Create(app.PrivateKey, app.PrivateKeyPath, AppKey.Parse, files, logger);
            App = new AppJwt(clientId.Trim(), key, clock);
        }


        var (token, path) = (options.Value.EnterpriseToken, options.Value.EnterpriseTokenPath);
        if (token is { Length: > 0 } || path is { Length: > 0 })
            EnterpriseToken = ContentSources.Create(token, path, GitHub.EnterpriseToken.Parse, files, logger);
    }

    /// <summary>The App's JWTs; null without an App.</summary>
    public AppJwt? App { get; }

    public ContentSource<EnterpriseToken>? EnterpriseToken { get; }
}

/// <summary>The GitHub host and the App's client ID: part of every cache key.</summary>
internal sealed record GitHubIdentity(string Host, string App);

/// <summary>The personal access token that enterprise scopes require.</summary>
internal sealed record EnterpriseToken(string Value)
{
    public static bool IsToken(string text) =>
        text is { Length: > 0 and <= 1024 }
        && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.');

    public static EnterpriseToken Parse(string text) =>
        IsToken(text) ? new EnterpriseToken(text) : throw new FormatException("is not a token");

    public override string ToString() => "the enterprise token";
}

/// <summary>Signs the JWTs that authenticate the App itself.</summary>
// See https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
internal sealed class AppJwt(string clientId, ContentSource<RsaSecurityKey> key, GitHubClock clock)
{
    private static readonly TimeSpan BackDated = TimeSpan.FromSeconds(60);

    // GitHub accepts at most 10 minutes.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(9);

    // Cached providers would keep replaced keys alive.
    private static readonly CryptoProviderFactory Signatures = new() { CacheSignatureProviders = false };

    private static readonly JsonWebTokenHandler Writer = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>
    /// A credential with a new JWT for each attempt. Its ID contains the key's version, so that a refusal of one key does not affect the
    /// next.
    /// </summary>
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

            // GitHub has answered 404 to two identical JWTs in one second.
            // See https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5025
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Jti] = Guid.NewGuid().ToString("N"),
            },
            SigningCredentials = new SigningCredentials(signingKey, SecurityAlgorithms.RsaSha256) { CryptoProviderFactory = Signatures },
        });
    }
}

/// <summary>The credential of a request to GitHub.</summary>
/// <param name="Id">The identity that GitHub counts limits by: the App, an installation or the enterprise token.</param>
/// <param name="Kind">The kind of credential.</param>
/// <param name="Token">Creates or returns the token for one attempt.</param>
internal sealed record GitHubCredential(string Id, GitHubCredentialKind Kind, Func<string> Token)
{
    /// <summary>A credential whose token is the same for every attempt.</summary>
    public GitHubCredential(string id, GitHubCredentialKind kind, string token)
        : this(id, kind, () => token)
    {
    }

    /// <summary>The <c>hashed_token</c> of GitHub's audit log; null for the App's JWTs, which the log does not contain.</summary>
    public string? TokenSha256 => Kind == GitHubCredentialKind.App ? null : TokenHash.Of(Token()).Base64;

    public override string ToString() => Id;
}

internal enum GitHubCredentialKind
{
    /// <summary>A JWT of the App itself.</summary>
    App,

    /// <summary>A token of one installation of the App.</summary>
    Installation,

    /// <summary>The enterprise token.</summary>
    Enterprise,
}
