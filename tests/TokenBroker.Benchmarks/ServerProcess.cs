using System.Diagnostics;
using System.Text;

namespace TokenBroker.Benchmarks;

/// <summary>A server in a process of its own, which ends with its owner, by its id.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listening = "listening on: ";
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly TaskCompletionSource<Uri> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task reading;

    private ServerProcess(Process process)
    {
        this.process = process;
        reading = ReadAsync(process.StandardOutput.BaseStream);
    }

    public Uri Address { get; private set; } = null!;

    /// <summary>What it has used of the processors so far, in the system as well.</summary>
    public TimeSpan ProcessorTime => process.TotalProcessorTime;

    /// <summary>Starts a .NET program; it listens, and is ready, when this returns.</summary>
    /// <param name="arguments">The program's file and what it is told.</param>
    /// <param name="environment">Its settings.</param>
    /// <param name="readyPath">Where it says that it is ready; null where listening is enough.</param>
    /// <param name="cancellation">Gives up, and ends what was started.</param>
    public static async Task<ServerProcess> StartAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string? readyPath, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        };

        // What the benchmark itself was started with must not configure what it measures.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name
            .StartsWith("OTEL_", StringComparison.Ordinal) || name.Contains("__", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var server = new ServerProcess(Process.Start(start)!);
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(LongestStart);
            server.Address = await server.address.Task.WaitAsync(deadline.Token);
            if (readyPath is not null)
                await WaitUntilReadyAsync(new Uri(server.Address, readyPath), deadline.Token);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        await reading;
        _ = address.Task.Exception;
        process.Dispose();
    }

    private static async Task WaitUntilReadyAsync(Uri address, CancellationToken cancellation)
    {
        using var client = new HttpClient();
        while (true)
        {
            using var response = await client.GetAsync(address, cancellation);
            if (response.IsSuccessStatusCode)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellation);
        }
    }

    // A pipe with a reader, as under any container engine. Only its beginning, up to the address, is looked at.
    private async Task ReadAsync(Stream output)
    {
        var buffer = new byte[64 * 1024];
        var beginning = new StringBuilder();
        while (await output.ReadAsync(buffer) is > 0 and var read)
        {
            if (address.Task.IsCompleted)
                continue;
            beginning.Append(Encoding.UTF8.GetString(buffer, 0, read));
            if (AddressIn(beginning.ToString()) is { } found)
                address.TrySetResult(found);
        }

        address.TrySetException(new InvalidOperationException($"The server ended before it listened: {beginning}"));
    }

    private static Uri? AddressIn(string output)
    {
        var at = output.IndexOf(Listening, StringComparison.Ordinal);
        var end = at < 0 ? -1 : output.IndexOfAny(['\n', '"'], at);
        return end < 0 ? null : new Uri(output[(at + Listening.Length)..end].Trim());
    }
}
