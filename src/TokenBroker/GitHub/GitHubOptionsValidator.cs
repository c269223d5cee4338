using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

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
            faults.Add($"{Section}:ApiUrl: must be https; only loopback may be http, unless {Section}:RequireHttps is false.");
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
                faults.Add($"{App}: a GitHub App is required, unless there is an enterprise token: ClientId, and PrivateKey or PrivateKeyPath.");
            return;
        }

        if (!options.App.ClientId.Trim().All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'))
            faults.Add($"{App}:ClientId: must be the App's client ID, such as Iv23liABCDEFGHIJKLMN, or its number, without quotes.");
        if (!hasKey && !hasPath)
            faults.Add($"{App}:PrivateKeyPath: is required, or PrivateKey.");
        else if (hasKey && hasPath)
            faults.Add($"{App}:PrivateKey: give either the key or PrivateKeyPath, not both.");
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
                faults.Add($"{key}: give either the token or EnterpriseTokenPath, not both.");
            key = $"{Section}:EnterpriseTokenPath";
            text = SecretFile.TryRead(path, key, faults);
        }

        if (text is { Length: > 0 } && !EnterpriseToken.IsToken(text.Trim()))
            faults.Add($"{key}: must be a token and nothing else: letters, digits, _, - and . without quotes, and no NAME= before it.");
    }
}
