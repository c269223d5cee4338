using TokenBroker.Hosting;

namespace TokenBroker.Commands;

/// <summary>The configuration that a broker started here would have, for commands that look at it.</summary>
internal static class CommandConfiguration
{
    /// <summary>Names the file on the command's line.</summary>
    public static readonly CommandOption File = new("--config", "FILE", "The configuration's JSON file. Without it, the one that TOKENBROKER_CONFIG names.");

    /// <summary>Reads the sources that serving reads; a path stands for <c>TOKENBROKER_CONFIG</c>.</summary>
    /// <exception cref="StartupFaultException">The file is missing, or is not JSON.</exception>
    internal static IConfiguration Read(string? path) => Builder(path).Configuration;

    /// <summary>A builder of a broker with that configuration.</summary>
    internal static WebApplicationBuilder Builder(string? path)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = Arguments(path), ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddConfigurationFile();
        return builder;
    }

    /// <summary>What names the file on the line of a broker that serves.</summary>
    internal static string[] Arguments(string? path) => path is null ? [] : [$"--{ConfigurationFile.Key}={path}"];
}
