namespace TokenBroker.Hosting;

/// <summary>Says at start which sections of the configuration's file nobody reads. The framework's own values may stand there as well, so they are no fault.</summary>
internal sealed partial class SectionWarnings(ConfigurationVersions configuration, IEnumerable<KnownSection> sections, ILogger<SectionWarnings> logger) : IHostedService
{
    private static readonly string[] Framework = ["Logging", "Kestrel"];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Find(configuration, sections))
            Log.Unwise(logger, warning.Key, warning.Text);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sections that nobody reads: most of them are misspelt.</summary>
    internal static IEnumerable<ConfigurationWarning> Find(ConfigurationVersions configuration, IEnumerable<KnownSection> sections) =>
        configuration.Sections
            .Except(sections.Select(section => section.Name).Concat(Framework), StringComparer.OrdinalIgnoreCase)
            .Select(name => new ConfigurationWarning(name, "nobody reads this section; its name may be misspelt"));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
