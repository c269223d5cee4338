using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using TokenBroker.Configuration;

namespace TokenBroker.Commands;

/// <summary>
/// Something that the program does instead of serving. To add one, write a class and add it to <see cref="CommandLine"/>.
/// </summary>
internal abstract class Command
{
    public abstract string Name { get; }

    /// <summary>One line of help.</summary>
    public abstract string Summary { get; }

    public abstract IReadOnlyList<CommandOption> Options { get; }

    /// <summary>Runs it. The exit code is 0 for success and 1 for failure.</summary>
    public abstract Task<int> RunAsync(
        CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken);
}

/// <summary>An option of a command: <c>--name VALUE</c> or <c>--name=VALUE</c>, or <c>--name</c> alone.</summary>
/// <param name="Name">With its hyphens: <c>--scope</c>.</param>
/// <param name="Value">The placeholder in the help; empty for an option without a value.</param>
/// <param name="Meaning">One line of help.</param>
/// <param name="IsRequired">Whether the command cannot run without it.</param>
internal sealed record CommandOption(string Name, string Value, string Meaning, bool IsRequired = false);

/// <summary>The options that were given to a command.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <exception cref="CommandFaultException">An option is unknown, repeated, missing, or lacks its value.</exception>
    public static CommandArguments Parse(IReadOnlyList<string> words, IReadOnlyList<CommandOption> options)
    {
        var arguments = new CommandArguments();
        for (var index = 0; index < words.Count; index++)
        {
            var (name, value) = words[index].Split('=', 2) is [var before, var after] ? (before, after) : (words[index], null);
            if (options.FirstOrDefault(option => option.Name == name) is not { } known)
                throw new CommandFaultException($"Unknown option '{name}'.");
            if (known.Value.Length == 0)
                value = value is null ? "" : throw new CommandFaultException($"{name} takes no value.");
            value ??= ++index < words.Count ? words[index] : throw new CommandFaultException($"{name} needs a value.");
            if (known.Value.Length > 0 && value.Length == 0)
                throw new CommandFaultException($"{name} needs a value.");
            if (!arguments.values.TryAdd(name, value))
                throw new CommandFaultException($"{name} is given twice.");
        }

        foreach (var option in options.Where(option => option.IsRequired && !arguments.values.ContainsKey(option.Name)))
            throw new CommandFaultException($"{option.Name} is missing.");
        return arguments;
    }

    public bool Has(CommandOption option) => values.ContainsKey(option.Name);

    public string? Find(CommandOption option) => values.GetValueOrDefault(option.Name);

    public string Get(CommandOption option) => values[option.Name];
}

/// <summary>The command line cannot be understood; the message says why.</summary>
internal sealed class CommandFaultException(string message) : Exception(message);

/// <summary>For commands that inspect the configuration: what a broker started here would have.</summary>
internal static class CommandConfiguration
{
    public static readonly CommandOption File = new(
        "--config", "FILE", "The configuration's JSON file. Default: the file that TOKENBROKER_CONFIG names.");

    /// <summary>Reads the sources that serving reads; a path takes the place of <c>TOKENBROKER_CONFIG</c>.</summary>
    /// <exception cref="StartupFaultException">The file is missing, or is not JSON.</exception>
    internal static IConfiguration Read(string? path)
    {
        var builder = CreateBuilder(path);
        builder.Configuration.AddConfigurationFile();
        return builder.Configuration;
    }

    /// <summary>Builds the broker as for serving, but without logs and metrics. It is neither validated nor started.</summary>
    /// <exception cref="StartupFaultException">The configuration cannot be read at all.</exception>
    internal static WebApplication Build(string? path)
    {
        var builder = CreateBuilder(path);
        Program.Register(builder);
        builder.Logging.ClearProviders();

        // OpenTelemetry's listeners would start the exporter as soon as the configuration is validated.
        builder.Services.RemoveAll<IMetricsListener>();
        return builder.Build();
    }

    private static WebApplicationBuilder CreateBuilder(string? path) => WebApplication.CreateBuilder(new WebApplicationOptions
    {
        Args = path is null ? [] : [$"--{ConfigurationFile.Key}={path}"],
        ContentRootPath = AppContext.BaseDirectory,
    });
}
