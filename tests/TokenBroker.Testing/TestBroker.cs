using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using TokenBroker.Auditing;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Testing;

/// <summary>
/// The broker as it runs in production, on Kestrel, with the sandbox's GitHub and issuer on sockets of their own.
/// Only edges are replaced: the clock, if the test brings one, and where logs go.
/// </summary>
internal sealed class TestBroker : IAsyncDisposable
{
    private static readonly string AppKey = SandboxGitHub.NewAppKey();
    private static readonly SandboxSigningKey IssuerKey = SandboxSigningKey.Create();

    private readonly TemporaryFolder files = new();
    private WebApplicationFactory<Program> factory = null!;

    private TestBroker(ManualClock? clock) => Clock = clock;

    public SandboxGitHub GitHub { get; private set; } = null!;

    public SandboxIssuer Issuer { get; private set; } = null!;

    public LogRecorder Logs { get; } = new();

    /// <summary>The audit events, and the output that they are written to.</summary>
    public AuditRecorder Audit { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    /// <summary>The clock that the broker, GitHub and the issuer go by; null for the system's.</summary>
    public ManualClock? Clock { get; }

    public Uri Address => factory.ClientOptions.BaseAddress;

    public IServiceProvider Services => factory.Services;

    public string AppKeyPath => files.PathOf("app.pem");

    public string ConfigurationPath => files.PathOf("broker.json");

    public string EnterpriseTokenPath => files.PathOf("enterprise-token");

    /// <param name="configure">Changes the configuration, which is the sandbox's without a rate limit.</param>
    /// <param name="clock">A clock for all three.</param>
    /// <param name="gitHubDelay">How long each of GitHub's answers takes.</param>
    /// <param name="waitUntilReady">Whether to wait for the issuers' keys.</param>
    public static async Task<TestBroker> StartAsync(
        Action<JsonObject, TestBroker>? configure = null,
        ManualClock? clock = null,
        TimeSpan gitHubDelay = default,
        bool waitUntilReady = true)
    {
        var broker = new TestBroker(clock);
        var time = clock ?? TimeProvider.System;
        broker.GitHub = await SandboxGitHub.StartAsync(
            new SandboxGitHubOptions { AppKey = AppKey, TimeProvider = time, UpstreamDelay = gitHubDelay });
        broker.Issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = IssuerKey, TimeProvider = time });
        broker.Start(configure);
        if (waitUntilReady)
            await broker.WaitUntilReadyAsync();
        return broker;
    }

    /// <summary>Lets a task run, moving the clock from timer to timer while GitHub has nothing to do.</summary>
    public Task<T> RunAsync<T>(Task<T> task) => Clock is null ? task : Clock.RunUntilAsync(task, () => GitHub.Requests.InFlight > 0);

    /// <summary>Asks for a token as a caller does and waits for the answer, whatever it is.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string? jwt = null, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + (jwt ?? Issuer.Sign()));
        change?.Invoke(request);
        return RunAsync(Client.SendAsync(request));
    }

    public string WriteFile(string name, string content) => files.Write(name, content);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Audit.Resume();
        await factory.DisposeAsync();
        await GitHub.DisposeAsync();
        await Issuer.DisposeAsync();
        files.Dispose();
    }

    private void Start(Action<JsonObject, TestBroker>? configure)
    {
        var configuration = SandboxConfiguration.Create(
            GitHub.Address,
            GitHub.ClientId,
            files.Write("app.pem", GitHub.AppPrivateKeyPem),
            files.Write("enterprise-token", GitHub.EnterpriseToken),
            Issuer.Address);
        configuration["Shutdown"]!["Delay"] = "00:00:00";
        configuration["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = 0 };
        configure?.Invoke(configuration, this);

        factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Production");
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.UseSetting("TOKENBROKER_CONFIG", files.Write("broker.json", configuration.ToJsonString()));
            host.ConfigureLogging(logging => logging.ClearProviders()
                .AddProvider(Logs)
                .SetMinimumLevel(LogLevel.Trace)
                .AddFilter<LogRecorder>(null, LogLevel.Trace));
            host.ConfigureServices(services =>
            {
                services.AddSingleton(new AuditOutput(Audit));
                if (Clock is not null)
                    services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
            });
        });
        factory.UseKestrel();
        factory.StartServer();
        Client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1000, AllowAutoRedirect = false })
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    private async Task WaitUntilReadyAsync()
    {
        for (var tries = 0; tries < 500; tries++)
        {
            using var response = await Client.GetAsync("/readyz");
            if (response.IsSuccessStatusCode)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        throw new TimeoutException("The broker did not get ready:\n" + Logs.Text);
    }
}
