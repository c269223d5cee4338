using TokenBroker.Hosting;

namespace TokenBroker.GitHub;

/// <summary>What is allowed and unwise on the way to GitHub.</summary>
internal static class GitHubWarnings
{
    // See https://docs.github.com/enterprise-server/rest/enterprise-admin#endpoint-urls
    private const string ServerPath = "/api/v3";

    /// <summary>What is unwise about it. On loopback there are stand-ins.</summary>
    public static IEnumerable<ConfigurationWarning> Find(GitHubOptions gitHub)
    {
        if (!WebAddress.TryParse(gitHub.ApiUrl, out var address) || address.IsLoopback)
            yield break;

        const string Key = $"{GitHubOptions.Section}:{nameof(GitHubOptions.ApiUrl)}";
        if (address.Scheme == Uri.UriSchemeHttp)
            yield return new ConfigurationWarning(Key, "is plain http; whoever is on the way reads the tokens that GitHub gives the broker, and can hand out others");
        if (!IsGitHubs(address.Host) && address.AbsolutePath.TrimEnd('/') != ServerPath)
            yield return new ConfigurationWarning(Key, $"does not end in {ServerPath}, where the API of a GitHub Enterprise Server is; without it, the web pages answer");
    }

    private static bool IsGitHubs(string host) => host == "api.github.com" || (host.StartsWith("api.", StringComparison.Ordinal) && host.EndsWith(".ghe.com", StringComparison.Ordinal));
}
