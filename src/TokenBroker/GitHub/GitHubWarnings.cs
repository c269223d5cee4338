using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>What is allowed and unwise on the way to GitHub.</summary>
internal static class GitHubWarnings
{
    // See https://docs.github.com/enterprise-server/rest/enterprise-admin#endpoint-urls
    private const string ServerPath = "/api/v3";
    private const string ResidencySuffix = ".ghe.com";

    /// <summary>What is unwise about it. On loopback there are stand-ins.</summary>
    public static IEnumerable<ConfigurationWarning> Find(GitHubOptions gitHub)
    {
        if (!WebAddress.TryParse(gitHub.ApiUrl, out var address) || address.IsLoopback)
            yield break;

        const string Key = $"{GitHubOptions.Section}:{nameof(GitHubOptions.ApiUrl)}";
        if (address.Scheme == Uri.UriSchemeHttp)
            yield return new ConfigurationWarning(Key, "is plain http; whoever is on the way reads the tokens that GitHub gives the broker, and can hand out others");
        if (ApiOf(address.Host) is not { } api)
        {
            if (address.AbsolutePath.TrimEnd('/') != ServerPath)
                yield return new ConfigurationWarning(Key, $"does not end in {ServerPath}, where the API of a GitHub Enterprise Server is; without it, the web pages answer");
        }
        else if (address.Host != api)
        {
            yield return new ConfigurationWarning(Key, $"is where GitHub's web pages are; its API is at https://{api}");
        }
        else if (address.AbsolutePath != "/")
        {
            yield return new ConfigurationWarning(Key, $"has a path, below which GitHub answers 404; its API is at https://{api}");
        }
    }

    // Where the API is of a host that is GitHub's own; null for a server's.
    // See https://docs.github.com/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
    private static string? ApiOf(string host) => host switch
    {
        "github.com" or "www.github.com" or "api.github.com" => "api.github.com",
        _ when !host.EndsWith(ResidencySuffix, StringComparison.Ordinal) => null,
        _ => host.StartsWith("api.", StringComparison.Ordinal) ? host : "api." + host,
    };
}
