namespace TokenBroker.GitHub;

/// <summary>The GitHub App.</summary>
public sealed class GitHubAppOptions
{
    /// <summary>The App's client id, or its numeric id. Required with a key.</summary>
    public string? ClientId { get; set; }

    /// <summary>The App's private key: the PEM itself, plain or in base64. A secret.</summary>
    public string? PrivateKey { get; set; }

    /// <summary>A file with the private key, read again when it changes.</summary>
    public string? PrivateKeyPath { get; set; }
}
