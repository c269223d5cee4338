using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TokenBroker.BrowserTests;

/// <summary>The sandbox as somebody who tries it starts it, on free ports, ended with the test by its id.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);

    private readonly Process process;
    private readonly TaskCompletionSource<string> jwt = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SandboxProcess(Process process, int port)
    {
        this.process = process;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));
    }

    /// <summary>Where the broker is.</summary>
    public Uri Address { get; }

    /// <summary>The caller's JWT that it printed.</summary>
    public string Jwt { get; private set; } = "";

    public static async Task<SandboxProcess> StartAsync()
    {
        var ports = FreePorts(3);
        var start = new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "TokenBroker.Sandbox.dll"), "--broker-port", Text(ports[0]), "--github-port",
            Text(ports[1]), "--issuer-port", Text(ports[2])])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        var sandbox = new SandboxProcess(new Process { StartInfo = start, EnableRaisingEvents = true }, ports[0]);
        sandbox.process.OutputDataReceived += (_, line) => sandbox.Read(line.Data);
        sandbox.process.ErrorDataReceived += (_, _) => { };
        sandbox.process.Exited += (_, _) => sandbox.jwt.TrySetException(new InvalidOperationException("The sandbox has ended."));
        sandbox.process.Start();
        sandbox.process.BeginOutputReadLine();
        sandbox.process.BeginErrorReadLine();
        try
        {
            sandbox.Jwt = await sandbox.jwt.Task.WaitAsync(LongestStart, TimeProvider.System);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        _ = jwt.Task.Exception;
        process.Dispose();
    }

    private void Read(string? line)
    {
        if (line?.StartsWith("eyJ", StringComparison.Ordinal) is true)
            jwt.TrySetResult(line.Trim());
    }

    private static List<int> FreePorts(int count)
    {
        var probes = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        probes.ForEach(probe => probe.Start());
        var ports = probes.ConvertAll(probe => ((IPEndPoint)probe.LocalEndpoint).Port);
        probes.ForEach(probe => probe.Dispose());
        return ports;
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
