using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.GitHub;

/// <summary>Says at start what is allowed and unwise on the way to GitHub.</summary>
internal sealed partial class GitHubWarnings(IOptions<GitHubOptions> options, ILogger<GitHubWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Find(options.Value))
            Log.Unwise(logger, warning.Key, warning.Text);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is unwise about it.</summary>
    internal static IEnumerable<ConfigurationWarning> Find(GitHubOptions gitHub)
    {
        if (WebAddress.TryParse(gitHub.ApiUrl, out var address) && address.Scheme == Uri.UriSchemeHttp && !address.IsLoopback)
            yield return new ConfigurationWarning($"{GitHubOptions.Section}:ApiUrl", "is plain http; whoever is on the way reads the tokens that GitHub gives the broker, and can hand out others");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
