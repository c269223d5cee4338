using Microsoft.Extensions.Options;
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
