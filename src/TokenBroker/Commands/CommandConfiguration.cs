using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using TokenBroker.Configuration;

namespace TokenBroker.Commands;

/// <summary>The configuration that a broker started here would have, for commands that look at it.</summary>
internal static class CommandConfiguration
{
    /// <summary>Names the file on the command's line.</summary>
    public static readonly CommandOption File = new("--config", "FILE", "The configuration's JSON file. Without it, the one that TOKENBROKER_CONFIG names.");

    /// <summary>Reads the sources that serving reads; a path stands for <c>TOKENBROKER_CONFIG</c>.</summary>
    /// <exception cref="StartupFaultException">The file is missing, or is not JSON.</exception>
    internal static IConfiguration Read(string? path)
    {
        var builder = Builder(path);
        builder.Configuration.AddConfigurationFile();
        return builder.Configuration;
    }

    /// <summary>Puts the broker together as for serving, without its logs and metrics. It is neither validated nor started.</summary>
    /// <exception cref="StartupFaultException">The configuration cannot be read at all.</exception>
    internal static WebApplication Build(string? path)
    {
        var builder = Builder(path);
        Program.Register(builder);
        builder.Logging.ClearProviders();

        // Those of OpenTelemetry bring its exporter with them as soon as the configuration is validated.
        builder.Services.RemoveAll<IMetricsListener>();
        return builder.Build();
    }

    private static WebApplicationBuilder Builder(string? path) => WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = path is null ? [] : [$"--{ConfigurationFile.Key}={path}"],
        ContentRootPath = AppContext.BaseDirectory,
    });
}
