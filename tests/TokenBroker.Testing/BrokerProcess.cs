using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TokenBroker.Testing;

/// <summary>The broker as a process of its own, started as an operator does, and ended with the test by its id.</summary>
internal sealed class BrokerProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile TaskCompletionSource reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task readAll = Task.CompletedTask;

    private BrokerProcess(Process process) => this.process = process;

    public int Id => process.Id;

    /// <summary>Everything that it has written.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public static BrokerProcess Start(params IReadOnlyList<(string Name, string Value)> environment) => Run([], environment);

    /// <summary>The same with arguments: a command, which ends by itself.</summary>
    public static BrokerProcess Run(IReadOnlyList<string> arguments, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TokenBroker.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };

        // What the test run itself was started with must not configure the broker.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name
            .StartsWith("OTEL_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        start.Environment["DOTNET_RUNNING_IN_CONTAINER"] = "false";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var broker = new BrokerProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        broker.process.ErrorDataReceived += (_, line) => broker.Read(line.Data);
        broker.process.Exited += (_, _) => broker.address.TrySetException(new InvalidOperationException("The broker has ended."));
        broker.process.Start();
        broker.ReadOn();
        broker.readAll = broker.ReadAsync(broker.process.StandardOutput);
        broker.process.BeginErrorReadLine();
        return broker;
    }

    /// <summary>The most memory that it has had.</summary>
    public long MegabytesAtMost
    {
        get
        {
            process.Refresh();
            return process.PeakWorkingSet64 / (1024 * 1024);
        }
    }

    /// <summary>Where it listens, once it does.</summary>
    public Task<Uri> AddressAsync() => address.Task.WaitAsync(LongestWait, TimeProvider.System);

    /// <summary>Leaves its standard output alone, as a collector of logs does that hangs.</summary>
    public void StopReading() => reading = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads its standard output again.</summary>
    public void ReadOn() => reading.TrySetResult();

    /// <summary>Asks it to stop, as an orchestrator does.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Asks it to read its files again, as an operator does.</summary>
    public Task HangUpAsync() => SignalAsync("HUP");

    public async Task<int> ExitCodeAsync()
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        await process.WaitForExitAsync(deadline.Token);
        await readAll.WaitAsync(deadline.Token);
        return process.ExitCode;
    }

    /// <summary>Ends it without grace, as a lost machine does.</summary>
    public async Task KillAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        ReadOn();
        await readAll.WaitAsync(LongestWait, TimeProvider.System);
        _ = address.Task.Exception;
        process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process.Id}")]);
        await kill.WaitForExitAsync();
    }

    private async Task ReadAsync(StreamReader lines)
    {
        do
        {
            await reading.Task;
        }
        while (Read(await lines.ReadLineAsync()));
    }

    private bool Read(string? line)
    {
        if (line is null)
            return false;
        lock (output)
            output.AppendLine(line);
        var at = line.IndexOf(Listening, StringComparison.Ordinal);
        if (at >= 0)
            address.TrySetResult(new Uri(line[(at + Listening.Length)..].Split('"')[0]));
        return true;
    }
}
