using System.Runtime.InteropServices;
using TokenBroker.Commands.Doctor;

namespace TokenBroker.Commands;

/// <summary>The program's commands. An image without a shell has no other tools than these.</summary>
internal static class CommandLine
{
    private const int Misunderstood = 2;
    private const string HelpOption = "--help";

    private static readonly Command[] All = [new CheckCommand(), new ExplainCommand(), new DoctorCommand(), new HealthCheckCommand(), new TokenCommand()];

    /// <summary>
    /// Whether the line names a command, known or not. Configuration may stand on the line as well, as <c>--key value</c> or
    /// <c>key=value</c>; a command is a word without either.
    /// </summary>
    public static bool IsCommand(IReadOnlyList<string> words) =>
        words is [var first, ..] && (first is HelpOption or "-h" || (first.Length > 0 && first[0] is not ('-' or '/') && !first.Contains('=', StringComparison.Ordinal)));

    /// <summary>Whether a command is called so.</summary>
    public static bool IsName(string word) => Array.Exists(All, command => command.Name == word);

    /// <summary>Runs the command. Exit code 2 and the usage where the line is wrong.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output, TextWriter errors)
    {
        if (words[0] is HelpOption or "-h" or "help")
        {
            await output.WriteLineAsync(Usage());
            return 0;
        }

        if (Array.Find(All, command => command.Name == words[0]) is not { } known)
        {
            await errors.WriteLineAsync($"'{words[0]}' is no command.\n\n{Usage()}");
            return Misunderstood;
        }

        return words.Contains(HelpOption, StringComparer.Ordinal) ? await HelpAsync(known, output) : await RunAsync(known, [.. words.Skip(1)], output, errors);
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
            return Misunderstood;
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
                                                     serves; KEY is a configuration key
               dotnet TokenBroker.dll COMMAND [OPTIONS]

        Commands:
        {string.Join('\n', All.Select(command => $"  {command.Name,-13} {command.Summary}"))}

        COMMAND --help tells more.
        """;

    private static string Usage(Command command) => $"""
        Usage: dotnet TokenBroker.dll {command.Name} [OPTIONS]
        {command.Summary}

        {string.Join('\n', command.Options.Select(option => $"  {option.Name + " " + option.Value,-28} {option.Meaning}{(option.IsRequired ? " Required." : "")}"))}
        """;
}
