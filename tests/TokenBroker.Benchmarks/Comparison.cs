using System.Security.Cryptography;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Benchmarks;

/// <summary>
/// What an answer from the cache costs: two floors, this checkout's broker and perhaps another one, each a process of its own, asked in
/// turns
/// so that what else the machine does falls on all alike.
/// </summary>
internal sealed class Comparison(
    ComparisonArguments arguments,
    SandboxGitHub gitHub,
    SandboxIssuer issuer,
    CancellationToken cancellation) : IAsyncDisposable
{
    private const string This = "this broker";
    private const string Other = "other broker";
    private const string OneJwt = "one";
    private const string NewJwts = "new";

    // Within it the first requests are answered, however slow the machine.
    private static readonly TimeSpan LongestBeginning = TimeSpan.FromMinutes(5);

    private readonly BrokerFiles files = new(gitHub, issuer);
    private readonly List<ComparedServer> servers = [];
    private byte[][] pool = [];

    public static async Task<int> RunAsync(ComparisonArguments arguments)
    {
        using var interruption = new Interruption();
        try
        {
            // A broker of an earlier day may send what proxies refuse.
            await using var gitHub = await SandboxGitHub.StartAsync(new SandboxGitHubOptions { StrictBodies = false });
            await using var issuer = await SandboxIssuer.StartAsync();
            using var published = await Publication.CreateAsync(interruption.Token);
            await using var comparison = new Comparison(arguments, gitHub, issuer, interruption.Token);
            await comparison.MeasureAsync(published.Folder);
            return 0;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted: all that was started has ended.");
            return 130;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in servers)
            await server.Process.DisposeAsync();
        files.Dispose();
    }

    private async Task MeasureAsync(string published)
    {
        pool = Sign();
        var report = new ComparisonReport(Console.Out);
        var brokers = new List<(string Name, string Folder)> { (This, published) };
        if (arguments.Against is not null)
            brokers.Add((Other, arguments.Against));
        await MeasureStartsAsync(brokers, report);

        servers.Add(new(ComparisonReport.Bare, await StartFloorAsync()));
        servers.Add(new(ComparisonReport.Signature, await StartFloorAsync(PublicKey())));
        foreach (var (name, folder) in brokers)
            servers.Add(new(name, await StartBrokerAsync(folder)));
        await MeasureTurnsAsync();
        report.Write(servers, [OneJwt, NewJwts]);
        if (arguments.Against is not null)
            report.WriteRatio(servers[^2], servers[^1], [OneJwt, NewJwts]);
    }

    private async Task MeasureStartsAsync(List<(string Name, string Folder)> brokers, ComparisonReport report)
    {
        var samples = new List<(string Name, ComparedServer.Sample Sample)>();
        for (var start = 0; start < arguments.Starts; start++)
        {
            foreach (var (name, folder) in brokers)
            {
                await using var broker = await StartBrokerAsync(folder);
                var first = new RequestPool(pool[..arguments.First], repeats: false);
                samples.Add((name, await ComparedServer.SampleAsync(broker, NewJwts, first, LongestBeginning, cancellation)));
            }
        }

        report.WriteStarts(arguments.First, samples);
    }

    private async Task MeasureTurnsAsync()
    {
        // Until the code is compiled and the token cached.
        var one = new RequestPool(pool[..1]);
        var warmUp = pool.Length / 10;
        foreach (var server in servers)
        {
            await LoadClient.RunAsync(server.Process.Address, one, arguments.WarmUp, cancellation);
            await LoadClient.RunAsync(
                server.Process.Address,
                new RequestPool(pool[..warmUp], repeats: false),
                arguments.WarmUp,
                cancellation);
        }

        // No server ever sees a JWT of these twice, so a turn with them may end before its time.
        var slice = (pool.Length - warmUp) / arguments.Turns;
        for (var turn = 0; turn < arguments.Turns; turn++)
        {
            var fresh = pool.AsSpan(warmUp + (turn * slice), slice).ToArray();
            foreach (var server in servers)
                await server.MeasureAsync(OneJwt, one, arguments.Turn, cancellation);
            foreach (var server in servers)
                await server.MeasureAsync(NewJwts, new RequestPool(fresh, repeats: false), arguments.Turn, cancellation);
        }
    }

    // Each has its own jti.
    private byte[][] Sign()
    {
        var signed = new byte[arguments.Pool][];
        Parallel.For(
            0,
            signed.Length,
            new ParallelOptions { CancellationToken = cancellation },
            index => signed[index] = RequestPool.Compose(issuer.Sign()));
        return signed;
    }

    private string PublicKey()
    {
        using var key = RSA.Create();
        key.ImportFromPem(issuer.SigningKey.ToPublicPem());
        return Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    private Task<ServerProcess> StartFloorAsync(params string[] key) => ServerProcess.StartAsync(
        [Path.Combine(AppContext.BaseDirectory, "TokenBroker.Benchmarks.dll"), "floor", .. key],
        new Dictionary<string, string>(StringComparer.Ordinal),
        readyPath: null,
        cancellation);

    private Task<ServerProcess> StartBrokerAsync(string folder) => ServerProcess.StartAsync(
        [Path.Combine(folder, "TokenBroker.dll")],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["TOKENBROKER_CONFIG"] = files.ConfigurationPath,

            // Says where it listens.
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
        },
        "/readyz",
        cancellation);
}
