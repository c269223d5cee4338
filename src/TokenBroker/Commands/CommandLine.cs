using System.Runtime.InteropServices;
using TokenBroker.Commands.Doctor;

namespace TokenBroker.Commands;

/// <summary>The program's commands, which are the only tools in an image without a shell.</summary>
internal static class CommandLine
{
    private const int InvalidLine = 2;
    private const string HelpOption = "--help";

    private static readonly Command[] All =
    [
        new CheckCommand(),
        new ExplainCommand(),
        new DoctorCommand(),
        new HealthCheckCommand(),
        new TokenCommand(),
    ];

    /// <summary>
    /// Whether the line names a command, known or not: its first word is then neither <c>--key</c> nor <c>key=value</c>, which are
    /// configuration.
    /// </summary>
    public static bool IsCommand(IReadOnlyList<string> words) => words is [var first, ..]
        && (first is HelpOption or "-h" || (first.Length > 0 && first[0] is not ('-' or '/') && !first.Contains('=')));

    public static bool IsName(string word) => Array.Exists(All, command => command.Name == word);

    /// <summary>Runs the command. For an invalid line it prints the usage and returns exit code 2.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output, TextWriter errors)
    {
        if (words[0] is HelpOption or "-h" or "help")
        {
            await output.WriteLineAsync(Usage());
            return 0;
        }

        if (Array.Find(All, command => command.Name == words[0]) is not { } known)
        {
            await errors.WriteLineAsync($"Unknown command '{words[0]}'.\n\n{Usage()}");
            return InvalidLine;
        }

        return words.Contains(HelpOption, StringComparer.Ordinal)
            ? await HelpAsync(known, output)
            : await RunAsync(known, [.. words.Skip(1)], output, errors);
    }

    private static async Task<int> RunAsync(Command command, IReadOnlyList<string> words, TextWriter output, TextWriter errors)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        try
        {
            return await command.RunAsync(CommandArguments.Parse(words, command.Options), output, errors, stop.Token);
        }
        catch (CommandFaultException fault)
        {
            await errors.WriteLineAsync($"{fault.Message}\n\n{Usage(command)}");
            return InvalidLine;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 1;
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    private static async Task<int> HelpAsync(Command command, TextWriter output)
    {
        await output.WriteLineAsync(Usage(command));
        return 0;
    }

    private static string Usage() => $"""
        Usage: dotnet TokenBroker.dll [--config FILE] [--KEY VALUE ...]
                                                     starts the broker; KEY is a configuration key
               dotnet TokenBroker.dll COMMAND [OPTIONS]

        Commands:
        {string.Join('\n', All.Select(command => $"  {command.Name,-13} {command.Summary}"))}

        COMMAND --help describes its options.
        """;

    private static string Usage(Command command) => $"""
        Usage: dotnet TokenBroker.dll {command.Name} [OPTIONS]
        {command.Summary}

        {string.Join('\n', command.Options.Select(Describe))}
        """;

    private static string Describe(CommandOption option) =>
        $"  {option.Name + " " + option.Value,-28} {option.Meaning}{(option.IsRequired ? " Required." : "")}";
}
