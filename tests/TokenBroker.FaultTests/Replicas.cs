using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.FaultTests;

/// <summary>Several broker processes, with one GitHub, one issuer and, as a rule, one Redis between them.</summary>
internal sealed class Replicas : IAsyncDisposable
{
    private readonly TemporaryFolder files = new();
    private readonly List<BrokerProcess> processes = [];
    private readonly List<IReadOnlyList<(string Name, string Value)>> environments = [];

    // Callers may be about to use one.
    private readonly List<HttpClient> retired = [];

    private Replicas(SandboxGitHub gitHub, SandboxIssuer issuer)
    {
        GitHub = gitHub;
        Issuer = issuer;
    }

    public SandboxGitHub GitHub { get; }

    public SandboxIssuer Issuer { get; }

    public IReadOnlyList<BrokerProcess> Processes => processes;

    public List<HttpClient> Clients { get; } = [];

    /// <param name="count">How many brokers.</param>
    /// <param name="redis">The connection string; null for none.</param>
    /// <param name="gitHubDelay">How long each of GitHub's answers takes.</param>
    /// <param name="configure">Changes the configuration of the broker of that number.</param>
    /// <param name="environment">What else stands in every broker's environment.</param>
    public static async Task<Replicas> StartAsync(
        int count,
        string? redis,
        TimeSpan gitHubDelay = default,
        Action<JsonObject, int>? configure = null,
        IReadOnlyList<(string Name, string Value)>? environment = null)
    {
        var replicas = new Replicas(
            await SandboxGitHub.StartAsync(new SandboxGitHubOptions { UpstreamDelay = gitHubDelay }),
            await SandboxIssuer.StartAsync());
        var common = SandboxConfiguration.Create(
            replicas.GitHub.Address,
            replicas.GitHub.ClientId,
            replicas.files.Write("app.pem", replicas.GitHub.AppPrivateKeyPem),
            replicas.files.Write("enterprise-token", replicas.GitHub.EnterpriseToken),
            replicas.Issuer.Address,
            redis);
        common["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = 0 };
        for (var number = 0; number < count; number++)
        {
            var configuration = common.DeepClone().AsObject();
            configure?.Invoke(configuration, number);
            replicas.environments.Add(
                [("TOKENBROKER_CONFIG", replicas.files.Write($"broker-{number}.json", configuration.ToString())), .. environment ?? []]);
            replicas.processes.Add(BrokerProcess.Start(replicas.environments[number]));
        }

        foreach (var process in replicas.processes)
            replicas.Clients.Add(await ConnectAsync(process));
        return replicas;
    }

    /// <summary>Starts a broker anew that has ended, at another address.</summary>
    public async Task RestartAsync(int broker)
    {
        await processes[broker].DisposeAsync();
        processes[broker] = BrokerProcess.Start(environments[broker]);
        retired.Add(Clients[broker]);
        Clients[broker] = await ConnectAsync(processes[broker]);
    }

    /// <summary>Adds repositories that no broker knows yet.</summary>
    public IReadOnlyList<string> AddRepositories(int count) => [.. Enumerable.Range(0, count).Select(number =>
    {
        var name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"cold-{Guid.NewGuid():N}-{number}");
        GitHub.Accounts.AddRepository("octo-org", name);
        return "repos/octo-org/" + name;
    })];

    /// <summary>Asks one broker for a registration token.</summary>
    public async Task<Answer> AskAsync(int broker, string scope = "orgs/octo-org", string? jwt = null)
    {
        var started = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/{scope}/actions/runners/registration-token");
        request.Headers.Authorization = new("Bearer", jwt ?? Issuer.Sign());
        request.Headers.TryAddWithoutValidation("Accept", "text/plain");
        using var response = await Clients[broker].SendAsync(request);
        return new Answer(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.TryGetValues("Cache-Status", out var cache) && cache.Single().EndsWith("hit", StringComparison.Ordinal),
            Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Whether a broker says that Redis helps.</summary>
    public async Task<bool> HasRedisAsync(int broker)
    {
        using var response = await Clients[broker].GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["checks"]!["redis"]!["status"] == "ok";
    }

    /// <summary>How long a broker takes to say that it is alive.</summary>
    public async Task<TimeSpan> AliveAsync(int broker)
    {
        var started = Stopwatch.GetTimestamp();
        using var response = await Clients[broker].GetAsync("/livez");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Stopwatch.GetElapsedTime(started);
    }

    public string WriteFile(string name, string content) => files.Write(name, content);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in Clients.Concat(retired))
            client.Dispose();
        foreach (var process in processes)
            await process.DisposeAsync();
        await GitHub.DisposeAsync();
        await Issuer.DisposeAsync();
        files.Dispose();
    }

    private static async Task<HttpClient> ConnectAsync(BrokerProcess process)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 })
        {
            BaseAddress = await process.AddressAsync(),
            Timeout = TimeSpan.FromSeconds(30),
        };
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/readyz")).IsSuccessStatusCode, "a broker got ready");
        return client;
    }

    /// <summary>What a caller got, and how long it waited.</summary>
    internal sealed record Answer(HttpStatusCode Status, string Token, bool IsHit, TimeSpan Elapsed);
}
