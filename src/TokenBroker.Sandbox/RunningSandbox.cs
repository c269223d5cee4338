using System.Globalization;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Sandbox;

/// <summary>A GitHub, an issuer and the broker in one process, the broker configured by files as a user's is.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("token-broker-sandbox-");
    private readonly SandboxPorts ports;
    private SandboxGitHub? gitHub;
    private SandboxIssuer? issuer;
    private WebApplication? broker;

    private RunningSandbox(SandboxPorts ports) => this.ports = ports;

    private string BrokerAddress => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{ports.Broker}");

    public static async Task<RunningSandbox> StartAsync(SandboxPorts ports)
    {
        var sandbox = new RunningSandbox(ports);
        try
        {
            sandbox.gitHub = await SandboxGitHub.StartAsync(new SandboxGitHubOptions { Port = ports.GitHub });
            sandbox.issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { Port = ports.Issuer });
            await sandbox.StartBrokerAsync(sandbox.gitHub, sandbox.issuer);
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    public async Task WriteWelcomeAsync(TextWriter output)
    {
        var jwt = issuer!.Sign();
        await output.WriteLineAsync($"""

            The broker answers.

            Swagger:  {BrokerAddress}/swagger
            GitHub:   {gitHub!.Address.GetLeftPart(UriPartial.Authority)}  (POST /_sandbox/faults makes it fail, GET /_sandbox/requests tells what it was asked)
            Issuer:   {issuer.Issuer}  (POST /token signs the claims you post)

            A caller's JWT, good for an hour:
            {jwt}

            Ask for a token:
            curl -X POST -H "Authorization: Bearer {jwt}" {BrokerAddress}/orgs/octo-org/actions/runners/registration-token

            Ctrl+C ends it.
            """);
        await output.FlushAsync();
    }

    public Task WaitForShutdownAsync() => broker!.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        if (broker is not null)
            await broker.DisposeAsync();
        if (issuer is not null)
            await issuer.DisposeAsync();
        if (gitHub is not null)
            await gitHub.DisposeAsync();
        files.Delete(recursive: true);
    }

    private async Task StartBrokerAsync(SandboxGitHub github, SandboxIssuer callers)
    {
        var configuration = SandboxConfiguration.Create(
            github.Address,
            github.ClientId,
            Write("app.pem", github.AppPrivateKeyPem),
            Write("enterprise-token", github.EnterpriseToken),
            callers.Address);
        broker = TokenBroker.Program.Build([$"--urls={BrokerAddress}", $"--TOKENBROKER_CONFIG={Write("broker.json", configuration.ToString())}"]);
        await broker.StartAsync();
        await WaitUntilReadyAsync();
    }

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(BrokerAddress) };
        using var deadline = new CancellationTokenSource(LongestStart);
        while (true)
        {
            using var response = await client.GetAsync("/readyz", deadline.Token);
            if (response.IsSuccessStatusCode)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, deadline.Token);
        }
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(files.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
