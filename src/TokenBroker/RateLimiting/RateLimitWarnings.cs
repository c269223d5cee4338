using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.RateLimiting;

/// <summary>Says at start that nobody is limited.</summary>
internal sealed partial class RateLimitWarnings(IOptions<RateLimitOptions> options, ILogger<RateLimitWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Find(options.Value))
            Log.Unwise(logger, warning.Key, warning.Text);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Limits that are switched off.</summary>
    internal static IEnumerable<ConfigurationWarning> Find(RateLimitOptions limits)
    {
        if (limits.RequestsPerMinute == 0)
            yield return new ConfigurationWarning($"{RateLimitOptions.Section}:RequestsPerMinute", "0 switches every limit off; one caller can use up GitHub's rate limit, and a stranger the broker's time");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
