using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using TokenBroker.Configuration;

namespace TokenBroker.Commands;

/// <summary>Something that the broker's program does in place of serving. A new one is a class and a line in <see cref="CommandLine"/>.</summary>
internal abstract class Command
{
    /// <summary>The command's word.</summary>
    public abstract string Name { get; }

    /// <summary>One line of help.</summary>
    public abstract string Summary { get; }

    /// <summary>What its line may hold.</summary>
    public abstract IReadOnlyList<CommandOption> Options { get; }

    /// <summary>Does it. Exit code 0 for done, 1 for failed, with the reason in <paramref name="errors"/>.</summary>
    public abstract Task<int> RunAsync(CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken);
}

/// <summary>One thing that a command's line may say: <c>--name VALUE</c> or <c>--name=VALUE</c>, or <c>--name</c> alone.</summary>
/// <param name="Name">With its hyphens: <c>--scope</c>.</param>
/// <param name="Value">What stands for the value in the help; empty for one that has none.</param>
/// <param name="Meaning">One line of help.</param>
/// <param name="IsRequired">Whether the command makes no sense without it.</param>
internal sealed record CommandOption(string Name, string Value, string Meaning, bool IsRequired = false);

/// <summary>What a command's line said.</summary>
internal sealed class CommandArguments
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <exception cref="CommandFaultException">The line holds something else than these options, one twice, or lacks a required one.</exception>
    public static CommandArguments Parse(IReadOnlyList<string> words, IReadOnlyList<CommandOption> options)
    {
        var arguments = new CommandArguments();
        for (var index = 0; index < words.Count; index++)
        {
            var (name, value) = words[index].Split('=', 2) is [var before, var after] ? (before, after) : (words[index], null);
            if (options.FirstOrDefault(option => option.Name == name) is not { } known)
                throw new CommandFaultException($"'{name}' is not known.");
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

/// <summary>A command line that cannot be understood; its message tells the operator what is wrong with it.</summary>
internal sealed class CommandFaultException(string message) : Exception(message);

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
