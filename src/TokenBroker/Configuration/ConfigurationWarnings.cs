using Microsoft.Extensions.Options;

namespace TokenBroker.Configuration;

/// <summary>Finds settings that are allowed but unwise, and logs them at start.</summary>
internal sealed partial class ConfigurationWarnings(IServiceProvider services, ILogger<ConfigurationWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Write(logger, Find(services));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>All warnings, except about sections with faults.</summary>
    public static IReadOnlyList<ConfigurationWarning> Find(IServiceProvider services) =>
        [.. services.GetServices<Source>().SelectMany(source => source.FindIfValid(services))];

    public static void Write(ILogger logger, IEnumerable<ConfigurationWarning> warnings)
    {
        foreach (var warning in warnings)
            Log.Unwise(logger, warning.Key, warning.Text);
    }

    public sealed record Source(Func<IServiceProvider, IEnumerable<ConfigurationWarning>> Find)
    {
        /// <summary>Its warnings; none if the options that it needs have faults.</summary>
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

/// <summary>A setting that is allowed but unwise, reported in the log at start and by the command <c>check</c>.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Text">What is unwise about it.</param>
internal sealed record ConfigurationWarning(string Key, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key}: {Text}.";
}

/// <summary>
/// Unknown names at the top level of the configuration file. They are not faults, because the framework reads some of its own there.
/// </summary>
internal static class SectionWarnings
{
    private static readonly string[] Framework =
        ["$schema", "Logging", "Kestrel", "AllowedHosts", "urls", "http_ports", "https_ports", "environment", "contentRoot",
            "applicationName"];

    private static readonly string[] FrameworkBeginnings = ["OTEL_", "ASPNETCORE_", "DOTNET_", "Kestrel:", "Logging:"];

    /// <summary>Whether the framework may read it.</summary>
    public static bool IsFrameworks(string name) =>
        Framework.Contains(name, StringComparer.OrdinalIgnoreCase)
        || FrameworkBeginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));

    public static IEnumerable<ConfigurationWarning> Find(ConfigurationVersions configuration, IEnumerable<KnownSection> sections) =>
        configuration.Names
            .Except(sections.Select(section => section.Name), StringComparer.OrdinalIgnoreCase)
            .Where(name => !IsFrameworks(name))
            .Select(name => new ConfigurationWarning(name, "unknown section; check its spelling"));
}
