using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Auditing;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Benchmarks;

/// <summary>A broker on Kestrel, as it runs in production, with some policies; its log is warnings only.</summary>
internal sealed class ThroughputBroker : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Given = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly BrokerFiles files;
    private WebApplicationFactory<TokenBroker.Program> factory = null!;

    private ThroughputBroker(BrokerFiles files) => this.files = files;

    public Uri Address { get; private set; } = null!;

    public static async Task<ThroughputBroker> StartAsync(SandboxGitHub gitHub, SandboxIssuer issuer, PolicyShape shape, int policies)
    {
        var broker = new ThroughputBroker(new BrokerFiles(
            gitHub, issuer, JsonSerializer.SerializeToNode(PolicyShapes.Options(shape, policies, SandboxConfiguration.Issuer), Given)));
        broker.factory = new WebApplicationFactory<TokenBroker.Program>().WithWebHostBuilder(host =>
        {
            host.UseSetting("urls", "http://127.0.0.1:0");
            host.UseSetting("TOKENBROKER_CONFIG", broker.files.ConfigurationPath);

            // Events are made as ever; who takes them is not what is measured.
            host.ConfigureServices(services => services.AddSingleton(new AuditOutput(TextWriter.Null)));
        });
        broker.factory.UseKestrel();
        broker.factory.StartServer();
        broker.Address = broker.factory.ClientOptions.BaseAddress;
        await broker.WaitUntilReadyAsync();
        return broker;
    }

    public async ValueTask DisposeAsync()
    {
        await factory.DisposeAsync();
        files.Dispose();
    }

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        for (var tries = 0; tries < 500; tries++)
        {
            using var response = await client.GetAsync("/readyz");
            if (response.IsSuccessStatusCode)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        throw new TimeoutException("The broker did not get ready.");
    }
}
