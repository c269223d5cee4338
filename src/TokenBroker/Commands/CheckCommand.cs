using TokenBroker.Configuration;
using TokenBroker.Hosting;

namespace TokenBroker.Commands;

/// <summary>Validates a configuration before a broker starts with it, without calling GitHub, Redis or an issuer.</summary>
internal sealed class CheckCommand : Command
{
    public override string Name => "check";

    public override string Summary => "Prints every fault and warning of the configuration. Exit code 1 if there is a fault.";

    public override IReadOnlyList<CommandOption> Options => [CommandConfiguration.File];

    public override async Task<int> RunAsync(
        CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> faults = [];
        IReadOnlyList<ConfigurationWarning> warnings = [];
        try
        {
            await using var broker = CommandConfiguration.Build(arguments.Find(CommandConfiguration.File));
            warnings = ConfigurationWarnings.Find(broker.Services);
            broker.Validate();
        }
        catch (Exception exception) when (StartupFaults.From(exception) is { Count: > 0 } found)
        {
            faults = found;
        }

        foreach (var fault in faults)
            await output.WriteLineAsync($"fault    {fault}");
        foreach (var warning in warnings)
            await output.WriteLineAsync($"warning  {warning}");
        await output.WriteLineAsync($"{Count(faults.Count, "fault")}, {Count(warnings.Count, "warning")}.");
        return faults.Count == 0 ? 0 : 1;
    }

    private static string Count(int count, string word) => $"{count} {word}{(count == 1 ? "" : "s")}";
}
