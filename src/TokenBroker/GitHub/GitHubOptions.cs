namespace TokenBroker.GitHub;

/// <summary>Section <c>GitHub</c>: where GitHub is and by what the broker is known there.</summary>
public sealed class GitHubOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "GitHub";

    /// <summary>
    /// The API's address: <c>https://api.github.com</c> (the default), <c>https://HOST/api/v3</c> for GitHub Enterprise Server,
    /// <c>https://api.SUBDOMAIN.ghe.com</c> with data residency.
    /// </summary>
    public string ApiUrl { get; set; } = "https://api.github.com";

    /// <summary>The GitHub App that mints for repositories and organisations. Required unless there is an enterprise token.</summary>
    public GitHubAppOptions App { get; init; } = new();

    /// <summary>
    /// A classic personal access token with <c>manage_runners:enterprise</c> (older GitHub Enterprise Server: <c>admin:enterprise</c>);
    /// GitHub takes no App token on enterprise runner endpoints. Default: none, and enterprise scopes are answered 404. A secret.
    /// </summary>
    public string? EnterpriseToken { get; set; }

    /// <summary>A file with the enterprise token, read again when it changes. Default: none.</summary>
    public string? EnterpriseTokenPath { get; set; }

    /// <summary>A PEM file of certificate authorities to trust for GitHub in place of the system's. Default: the system's.</summary>
    public string? CaCertificatePath { get; set; }

    /// <summary>How many requests to GitHub may run at once; its secondary limit is 100. From 1 to 100, default 20.</summary>
    public int MaxConcurrentRequests { get; set; } = 20;

    /// <summary>Whether <see cref="ApiUrl"/> must be https; http on loopback is always taken. Default true.</summary>
    public bool RequireHttps { get; set; } = true;
}

/// <summary>The GitHub App.</summary>
public sealed class GitHubAppOptions
{
    /// <summary>The App's client id, or its numeric id. Required with a key.</summary>
    public string? ClientId { get; set; }

    /// <summary>The App's private key, RSA of 2048 bits or more: the text of the PEM file, with <c>\n</c> for its line ends or not, or that in base64. A secret.</summary>
    public string? PrivateKey { get; set; }

    /// <summary>A file with the private key, read again when it changes.</summary>
    public string? PrivateKeyPath { get; set; }
}
