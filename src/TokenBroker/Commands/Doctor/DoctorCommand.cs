using System.Globalization;
using TokenBroker.Configuration;

namespace TokenBroker.Commands.Doctor;

/// <summary>
/// Checks everything that a broker with this configuration depends on, and prints what is wrong and what to do about it.
/// </summary>
internal sealed class DoctorCommand : Command
{
    private const int LongestTimeout = 3600;
    private static readonly CommandOption Timeout = new("--timeout", "SECONDS", "Time limit for the whole run. Default 60.");

    public override string Name => "doctor";

    public override string Summary => "Checks this configuration against GitHub, the issuers and Redis, and prints how to fix what fails.";

    public override IReadOnlyList<CommandOption> Options => [CommandConfiguration.File, Timeout];

    public override async Task<int> RunAsync(
        CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var timeout = ReadTimeout(arguments);
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

    private static async Task<int> RunAsync(
        IServiceProvider services, TimeSpan timeout, TextWriter output, CancellationToken cancellationToken)
    {
        DoctorCheck[] checks =
        [
            ActivatorUtilities.CreateInstance<GitHubCheck>(services),
            ActivatorUtilities.CreateInstance<IssuerCheck>(services),
            ActivatorUtilities.CreateInstance<RedisCheck>(services, ActivatorUtilities.CreateInstance<RedisInspection>(services)),
        ];
        using var deadline = new CancellationTokenSource(timeout, services.GetRequiredService<TimeProvider>());
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var running = checks.Select(check => RunAsync(check, timeout, either.Token)).ToList();

        var all = new List<CheckResult>();
        foreach (var check in running)
        {
            foreach (var result in (await check).All)
            {
                all.Add(result);
                await output.WriteLineAsync(result.ToString());
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        var faults = all.Count(result => result.Severity == Severity.Fault);
        var warnings = all.Count(result => result.Severity == Severity.Warning);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\nFaults: {faults}, warnings: {warnings}."));
        return faults == 0 ? 0 : 1;
    }

    private static async Task<CheckResults> RunAsync(DoctorCheck check, TimeSpan timeout, CancellationToken cancellation)
    {
        var results = new CheckResults();
        try
        {
            await check.RunAsync(results, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            results.Fault(
                check.Subject,
                string.Create(CultureInfo.InvariantCulture, $"not all checks finished within {timeout.TotalSeconds:0} s"),
                "See above for what was slow, or allow more time with --timeout.");
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // Its message may quote anything, so only the type is printed. The other results must not be lost.
            results.Fault(
                check.Subject,
                $"the check failed unexpectedly ({exception.GetType().Name})",
                "This is a bug in the broker: report it, with the line above it.");
        }

        return results;
    }

    // This broker serves no one, so its logs and metrics are switched off: the results say everything.
    private static string[] Settings(string? path)
    {
        string[] quiet =
        [
            "--OTEL_SDK_DISABLED=true",
            "--Logging:Console:LogLevel:Default=None",
            "--Logging:Console:LogToStandardErrorThreshold=Trace",
        ];
        return path is null ? quiet : [.. quiet, $"--{ConfigurationFile.Key}={path}"];
    }

    private static TimeSpan ReadTimeout(CommandArguments arguments)
    {
        if (arguments.Find(Timeout) is not { } text)
            return TimeSpan.FromSeconds(60);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestTimeout
            ? TimeSpan.FromSeconds(seconds)
            : throw new CommandFaultException($"{Timeout.Name} must be whole seconds, 1 to {LongestTimeout}.");
    }
}

/// <summary>Checks one of the things that the broker depends on.</summary>
internal abstract class DoctorCheck
{
    /// <summary>What a result is about if the check itself fails.</summary>
    public abstract string Subject { get; }

    /// <summary>Adds its results as it goes, so that those found before a deadline are kept.</summary>
    public abstract Task RunAsync(CheckResults results, CancellationToken cancellation);
}

/// <summary>Gives each call the same limited time.</summary>
internal sealed class CallTimeout(TimeProvider clock, TimeSpan longest)
{
    /// <exception cref="TimeoutException">The call took too long.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }
}
