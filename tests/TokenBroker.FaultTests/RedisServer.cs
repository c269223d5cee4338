using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace TokenBroker.FaultTests;

/// <summary>A real redis-server of a test's own, on a free port, ended with the test by its id.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly string[] Defaults = ["--bind", "127.0.0.1", "-::1", "--save", "", "--appendonly", "no"];

    private readonly string program;
    private readonly string[] options;
    private Process? process;

    private RedisServer(string program, int port, string[] options)
    {
        this.program = program;
        this.options = options;
        Port = port;
    }

    /// <summary>What <see cref="RunAsync"/> gets in by; a sentinel has no ECHO, which the client would make sure of itself with.</summary>
    public string Credentials { get; init; } = "";

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts one, or skips the test where there is none: with REQUIRE_REDIS=1 that is a failure.</summary>
    public static async Task<RedisServer> StartAsync(params string[] options)
    {
        var password = Array.IndexOf(options, "--requirepass");
        var server = new RedisServer(Find(), FreePort(), [.. Defaults, .. options])
        {
            Credentials = password < 0 ? "" : ",password=" + options[password + 1],
        };
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts a sentinel, with a configuration that it writes to.</summary>
    public static async Task<RedisServer> StartSentinelAsync(TemporaryFolder files, string configuration, string password = "")
    {
        var port = FreePort();
        var path = files.Write(string.Create(CultureInfo.InvariantCulture, $"sentinel-{port}.conf"), configuration);
        var server = new RedisServer(Find(), port, [path, "--sentinel", "--bind", "127.0.0.1"])
        {
            Credentials = ",$ECHO=" + (password.Length == 0 ? "" : ",password=" + password),
        };
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts it again on the same port, empty.</summary>
    public async Task RestartAsync()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] listen = options.Contains("--tls-port")
            ? ["--port", "0", .. options.Select(option => option == "PORT" ? port : option)]
            : [.. options, "--port", port];
        process = Process.Start(new ProcessStartInfo(program, listen)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        await Eventually.IsTrueAsync(AcceptsAsync, "redis-server listened");
    }

    public Task StopAsync() => SignalAsync("STOP");

    public Task ContinueAsync() => SignalAsync("CONT");

    public async Task KillAsync()
    {
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Runs one command, as an operator would.</summary>
    public async Task<RedisResult> RunAsync(string command, params object[] arguments)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{Address}{Credentials},allowAdmin=true,protocol=resp2");
        return await redis.GetDatabase().ExecuteAsync(command, arguments).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
    }

    /// <summary>The names of all keys of a database.</summary>
    public async Task<IReadOnlyList<string>> KeysAsync(int database)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{Address}{Credentials},allowAdmin=true,protocol=resp2");
        return (string[])(await redis.GetDatabase(database).ExecuteAsync("KEYS", "*").WaitAsync(
            TimeSpan.FromSeconds(10),
            TimeProvider.System))!;
    }

    /// <summary>Every key and its value.</summary>
    public async Task<IReadOnlyDictionary<string, byte[]>> DumpAsync(int database = 0)
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync($"{Address}{Credentials},allowAdmin=true,protocol=resp2");
        var all = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in (RedisKey[])(await redis.GetDatabase(database).ExecuteAsync("keys", "*"))!)
        {
            byte[]? value = await redis.GetDatabase(database).StringGetAsync(key);
            if (value is not null)
                all[(string)key!] = value;
        }

        return all;
    }

    /// <summary>The keys of tokens, without what brokers write to warm up.</summary>
    public async Task<IReadOnlyList<string>> TokenKeysAsync(int database = 0) =>
        [.. (await KeysAsync(database))
            .Where(key => key.EndsWith(":secret", StringComparison.Ordinal) && !key.Contains("warm-up:", StringComparison.Ordinal))];

    public async ValueTask DisposeAsync() => await KillAsync();

    private static string Find()
    {
        var found = Environment.GetEnvironmentVariable("REDIS_SERVER") is { Length: > 0 } named
            ? named
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, "redis-server"))
                .FirstOrDefault(File.Exists);
        if (found is not null)
            return found;
        const string Reason = "There is no redis-server on the PATH, and REDIS_SERVER names none.";
        Assert.False(Environment.GetEnvironmentVariable("REQUIRE_REDIS") == "1", Reason);
        Assert.Skip(Reason);
        return "";
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task<bool> AcceptsAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process!.Id}")]);
        await kill.WaitForExitAsync();
    }
}
