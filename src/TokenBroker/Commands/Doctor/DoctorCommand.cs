using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>Asks all on whom a broker with this configuration depends, and tells what is wrong and what to do about it.</summary>
internal sealed class DoctorCommand : Command
{
    private const int LongestTimeout = 3600;
    private static readonly CommandOption Longest = new("--timeout", "SECONDS", "How long all of it may take. Default 60.");

    public override string Name => "doctor";

    public override string Summary => "Asks GitHub, the issuers and Redis whether this configuration works, and tells what to do where not.";

    public override IReadOnlyList<CommandOption> Options => [CommandConfiguration.File, Longest];

    public override async Task<int> RunAsync(CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var timeout = TimeoutOf(arguments);
        try
        {
            await using var broker = Program.Build(Settings(arguments.Find(CommandConfiguration.File)));
            return await RunAsync(broker.Services, timeout, output, cancellationToken);
        }
        catch (Exception exception) when (StartupFaults.From(exception) is { Count: > 0 } faults)
        {
            StartupFaults.Print(faults, errors);
            return 1;
        }
    }

    private static async Task<int> RunAsync(IServiceProvider services, TimeSpan timeout, TextWriter output, CancellationToken cancellationToken)
    {
        Examination[] examinations =
        [
            ActivatorUtilities.CreateInstance<GitHubExamination>(services),
            ActivatorUtilities.CreateInstance<IssuerExamination>(services),
            ActivatorUtilities.CreateInstance<RedisExamination>(services, ActivatorUtilities.CreateInstance<RedisInspection>(services)),
        ];
        using var deadline = new CancellationTokenSource(timeout, services.GetRequiredService<TimeProvider>());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var running = examinations.Select(examination => RunAsync(examination, timeout, either.Token)).ToList();

        var all = new List<Finding>();
        foreach (var examination in running)
        {
            foreach (var finding in (await examination).All)
            {
                all.Add(finding);
                await output.WriteLineAsync(finding.ToString());
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        var (faults, warnings) = (all.Count(finding => finding.Mark == Mark.Fault), all.Count(finding => finding.Mark == Mark.Warning));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\nFaults: {faults}, warnings: {warnings}."));
        return faults == 0 ? 0 : 1;
    }

    private static async Task<Findings> RunAsync(Examination examination, TimeSpan timeout, CancellationToken cancellation)
    {
        var findings = new Findings();
        try
        {
            await examination.RunAsync(findings, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            findings.Fault(examination.Subject, string.Create(CultureInfo.InvariantCulture, $"{timeout.TotalSeconds:0} s were not enough to ask all of it"), "See what was slow above, or give it more with --timeout.");
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // What it says may quote anything; the rest of the findings must not be lost for it.
            findings.Fault(examination.Subject, $"the examination broke off ({exception.GetType().Name})", "This is a fault of the broker's own: report it, with the line above it.");
        }

        return findings;
    }

    // Nothing of it is served, so what the broker logs and measures is nobody's; the findings tell it.
    private static string[] Settings(string? path)
    {
        string[] quiet = ["--OTEL_SDK_DISABLED=true", "--Logging:Console:LogLevel:Default=None", "--Logging:Console:LogToStandardErrorThreshold=Trace"];
        return path is null ? quiet : [.. quiet, $"--{ConfigurationFile.Key}={path}"];
    }

    private static TimeSpan TimeoutOf(CommandArguments arguments)
    {
        if (arguments.Find(Longest) is not { } text)
            return TimeSpan.FromSeconds(60);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestTimeout
            ? TimeSpan.FromSeconds(seconds)
            : throw new CommandFaultException($"{Longest.Name} must be whole seconds, 1 to {LongestTimeout}.");
    }
}
