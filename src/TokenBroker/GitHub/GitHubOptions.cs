using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>Section <c>GitHub</c>: GitHub's address and the broker's credentials.</summary>
public sealed class GitHubOptions
{
    public const string Section = "GitHub";

    /// <summary>
    /// The API's address: <c>https://api.github.com</c> (the default), <c>https://HOST/api/v3</c> for GitHub Enterprise Server,
    /// <c>https://api.SUBDOMAIN.ghe.com</c> with data residency.
    /// </summary>
    public string ApiUrl { get; set; } = "https://api.github.com";

    /// <summary>The GitHub App that mints for repositories and organizations. Required unless there is an enterprise token.</summary>
    public GitHubAppOptions App { get; init; } = new();

    /// <summary>
    /// A classic personal access token with <c>manage_runners:enterprise</c> (older GitHub Enterprise Server: <c>admin:enterprise</c>);
    /// GitHub accepts no App token on enterprise runner endpoints. Default: none, and enterprise scopes are answered 404. A secret.
    /// </summary>
    public string? EnterpriseToken { get; set; }

    /// <summary>A file with the enterprise token, read again when it changes. Default: none.</summary>
    public string? EnterpriseTokenPath { get; set; }

    /// <summary>A PEM file of certificate authorities to trust for GitHub instead of the system's. Default: the system's.</summary>
    public string? CaCertificatePath { get; set; }

    /// <summary>How many requests to GitHub may run at once; its secondary limit is 100. From 1 to 100, default 20.</summary>
    public int MaxConcurrentRequests { get; set; } = 20;

    /// <summary>Whether <see cref="ApiUrl"/> must be https; http on loopback is always accepted. Default true.</summary>
    public bool RequireHttps { get; set; } = true;
}

/// <summary>The GitHub App.</summary>
public sealed class GitHubAppOptions
{
    /// <summary>The App's client id, or its numeric id. Required with a key.</summary>
    public string? ClientId { get; set; }

    /// <summary>
    /// The App's private key, RSA with 2048 bits or more: the text of the PEM file, with line ends or <c>\n</c>, or that text in base64.
    /// A secret.
    /// </summary>
    public string? PrivateKey { get; set; }

    /// <summary>A file with the private key, read again when it changes.</summary>
    public string? PrivateKeyPath { get; set; }
}

internal sealed class GitHubOptionsValidator : IValidateOptions<GitHubOptions>
{
    private const string Section = GitHubOptions.Section;

    public ValidateOptionsResult Validate(string? name, GitHubOptions options)
    {
        var faults = new List<string>();
        CheckAddress(options, faults);
        CheckApp(options, faults);
        CheckEnterpriseToken(options, faults);
        if (options.CaCertificatePath is { Length: > 0 } path)
            CertificateAuthorities.Check(path, $"{Section}:CaCertificatePath", faults);
        if (options.MaxConcurrentRequests is < 1 or > 100)
            faults.Add($"{Section}:MaxConcurrentRequests: must be from 1 to 100.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckAddress(GitHubOptions options, List<string> faults)
    {
        if (!WebAddress.TryParse(options.ApiUrl, out var address))
            faults.Add($"{Section}:ApiUrl: must be an http or https address without user, query or fragment.");
        else if (options.RequireHttps && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
            faults.Add($"{Section}:ApiUrl: must use https (http is allowed on loopback only), unless {Section}:RequireHttps is false.");
    }

    private static void CheckApp(GitHubOptions options, List<string> faults)
    {
        const string App = Section + ":App";
        var hasKey = options.App.PrivateKey is { Length: > 0 };
        var hasPath = options.App.PrivateKeyPath is { Length: > 0 };
        if (string.IsNullOrWhiteSpace(options.App.ClientId))
        {
            if (hasKey || hasPath)
                faults.Add($"{App}:ClientId: is required.");
            else if (options.EnterpriseToken is not { Length: > 0 } && options.EnterpriseTokenPath is not { Length: > 0 })
                faults.Add($"{App}: set ClientId and either PrivateKey or PrivateKeyPath, unless there is an enterprise token.");
            return;
        }

        if (!options.App.ClientId.Trim().All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'))
            faults.Add($"{App}:ClientId: must be the App's client ID, such as Iv23liABCDEFGHIJKLMN, or its numeric ID, without quotes.");
        if (!hasKey && !hasPath)
            faults.Add($"{App}:PrivateKeyPath: this or PrivateKey is required.");
        else if (hasKey && hasPath)
            faults.Add($"{App}:PrivateKey: set either PrivateKey or PrivateKeyPath, not both.");
        else if (hasKey)
            CheckKey(options.App.PrivateKey!, $"{App}:PrivateKey", faults);
        else if (SecretFile.TryRead(options.App.PrivateKeyPath!, $"{App}:PrivateKeyPath", faults) is { } text)
            CheckKey(text, $"{App}:PrivateKeyPath", faults);
    }

    private static void CheckKey(string text, string key, List<string> faults)
    {
        try
        {
            _ = AppKey.Parse(text);
        }
        catch (UnusableContentException exception)
        {
            faults.Add($"{key}: {exception.Message}");
        }
    }

    private static void CheckEnterpriseToken(GitHubOptions options, List<string> faults)
    {
        var text = options.EnterpriseToken;
        var key = $"{Section}:EnterpriseToken";
        if (options.EnterpriseTokenPath is { Length: > 0 } path)
        {
            if (text is { Length: > 0 })
                faults.Add($"{key}: set either EnterpriseToken or EnterpriseTokenPath, not both.");
            key = $"{Section}:EnterpriseTokenPath";
            text = SecretFile.TryRead(path, key, faults);
        }

        if (text is { Length: > 0 } && !EnterpriseToken.IsToken(text.Trim()))
            faults.Add($"{key}: must contain only the token (letters, digits, _, - and .), without quotes or a leading NAME=.");
    }
}

/// <summary>Settings of GitHub's address that are valid but unwise. Loopback is exempt: test servers run there.</summary>
internal static class GitHubWarnings
{
    // See https://docs.github.com/enterprise-server/rest/enterprise-admin#endpoint-urls
    private const string ServerPath = "/api/v3";
    private const string ResidencySuffix = ".ghe.com";

    public static IEnumerable<ConfigurationWarning> Find(GitHubOptions gitHub)
    {
        if (!WebAddress.TryParse(gitHub.ApiUrl, out var address) || address.IsLoopback)
            yield break;

        const string Key = $"{GitHubOptions.Section}:{nameof(GitHubOptions.ApiUrl)}";
        if (address.Scheme == Uri.UriSchemeHttp)
        {
            yield return new ConfigurationWarning(
                Key,
                "is plain http; anyone on the network path can read and replace the tokens that GitHub issues to the broker");
        }

        if (FindApiHost(address.Host) is not { } api)
        {
            if (address.AbsolutePath.TrimEnd('/') == ServerPath)
                yield break;
            yield return new ConfigurationWarning(
                Key,
                $"does not end in {ServerPath}, the path of a GitHub Enterprise Server's API; other paths reach its web pages");
        }
        else if (address.Host != api)
        {
            yield return new ConfigurationWarning(Key, $"is the address of GitHub's web pages; its API is at https://{api}");
        }
        else if (address.AbsolutePath != "/")
        {
            yield return new ConfigurationWarning(Key, $"has a path, under which GitHub answers 404; its API is at https://{api}");
        }
    }

    // The API's host for a host of GitHub's own; null for a GitHub Enterprise Server.
    // See https://docs.github.com/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
    private static string? FindApiHost(string host) => host switch
    {
        "github.com" or "www.github.com" or "api.github.com" => "api.github.com",
        _ when !host.EndsWith(ResidencySuffix, StringComparison.Ordinal) => null,
        _ => host.StartsWith("api.", StringComparison.Ordinal) ? host : "api." + host,
    };
}
