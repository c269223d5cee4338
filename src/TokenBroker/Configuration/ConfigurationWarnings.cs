using Microsoft.Extensions.Options;

namespace TokenBroker.Configuration;

/// <summary>Finds what is allowed and unwise in the configuration, and logs it at start.</summary>
internal sealed partial class ConfigurationWarnings(IServiceProvider services, ILogger<ConfigurationWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Write(logger, Find(services));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All warnings, but for those on sections with faults.</summary>
    public static IReadOnlyList<ConfigurationWarning> Find(IServiceProvider services) =>
        [.. services.GetServices<Source>().SelectMany(source => source.FindIfValid(services))];

    /// <summary>Writes warnings into the log.</summary>
    public static void Write(ILogger logger, IEnumerable<ConfigurationWarning> warnings)
    {
        foreach (var warning in warnings)
            Log.Unwise(logger, warning.Key, warning.Text);
    }

    /// <summary>One of the places that know what is unwise.</summary>
    public sealed record Source(Func<IServiceProvider, IEnumerable<ConfigurationWarning>> Find)
    {
        /// <summary>Its warnings; none where the options that it looks at have faults.</summary>
        public IReadOnlyList<ConfigurationWarning> FindIfValid(IServiceProvider services)
        {
            try
            {
                return [.. Find(services)];
            }
            catch (OptionsValidationException)
            {
                return [];
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
