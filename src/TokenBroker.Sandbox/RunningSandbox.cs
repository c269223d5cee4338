using System.Globalization;
using System.Runtime.InteropServices;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Sandbox;

/// <summary>A GitHub, an issuer and the broker in one process, the broker configured by files as a user's is.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo files = Directory.CreateTempSubdirectory("token-broker-sandbox-");
    private readonly SandboxArguments arguments;
    private readonly List<WebApplication> brokers = [];
    private SandboxGitHub? gitHub;
    private SandboxIssuer? issuer;

    private RunningSandbox(SandboxArguments arguments) => this.arguments = arguments;

    private IEnumerable<string> BrokerAddresses =>
        arguments.BrokerPorts.Select(port => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}"));

    public static async Task<RunningSandbox> StartAsync(SandboxArguments arguments)
    {
        var sandbox = new RunningSandbox(arguments);
        try
        {
            var secrets = arguments.SecretsFolder is { } folder ? new SandboxSecrets(folder) : null;
            sandbox.gitHub = await SandboxGitHub.StartAsync(new SandboxGitHubOptions
            {
                Port = arguments.GitHubPort,
                OnAllAddresses = arguments.OnAllAddresses,
                AppKey = secrets?.AppKey(),
                EnterpriseToken = secrets?.EnterpriseToken(),
            });
            sandbox.issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions
            {
                Port = arguments.IssuerPort,
                OnAllAddresses = arguments.OnAllAddresses,
                Issuer = arguments.IssuerUrl,
            });
            await sandbox.StartBrokersAsync(sandbox.gitHub, sandbox.issuer);
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
        await output.WriteLineAsync(arguments.Replicas == 0 ? ServersWelcome() : BrokerWelcome());
        await output.FlushAsync();
    }

    public Task WaitForShutdownAsync() =>
        brokers.Count == 0 ? SignalAsync() : Task.WhenAll(brokers.Select(broker => broker.WaitForShutdownAsync()));

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in brokers)
            await broker.DisposeAsync();
        if (issuer is not null)
            await issuer.DisposeAsync();
        if (gitHub is not null)
            await gitHub.DisposeAsync();
        files.Delete(recursive: true);
    }

    // The brokers' hosts handle signals themselves; without a broker, this does.
    private static async Task SignalAsync()
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await signal.Task;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            signal.TrySetResult();
        }
    }

    private string ServersWelcome() => $"""
        GitHub:   {gitHub!.Address.GetLeftPart(UriPartial.Authority)}  (client id {gitHub.ClientId})
        Issuer:   {issuer!.Address.GetLeftPart(UriPartial.Authority)}  (iss {issuer.Issuer})
        """;

    private string BrokerWelcome()
    {
        var jwt = issuer!.Sign();
        var first = BrokerAddresses.First();
        var gitHubAddress = gitHub!.Address.GetLeftPart(UriPartial.Authority);
        var replicas = arguments.Replicas == 1 ? "" : $"\nBrokers:  {string.Join("  ", BrokerAddresses)}";
        return $"""

            The broker answers.

            Swagger:  {first}/swagger{replicas}
            GitHub:   {gitHubAddress}  (POST /_sandbox/faults makes it fail, GET /_sandbox/requests lists its requests)
            Issuer:   {issuer.Issuer}  (POST /token signs the claims you post)

            A caller's JWT, valid for an hour:
            {jwt}

            Ask for a token:
            curl -X POST -H "Authorization: Bearer {jwt}" {first}/orgs/octo-org/actions/runners/registration-token

            Ctrl+C ends it.
            """;
    }

    private async Task StartBrokersAsync(SandboxGitHub github, SandboxIssuer callers)
    {
        var configuration = SandboxConfiguration.Create(
            github.Address,
            github.ClientId,
            Write("app.pem", github.AppPrivateKeyPem),
            Write("enterprise-token", github.EnterpriseToken),
            callers.Address,
            arguments.Redis);
        var path = Write("broker.json", configuration.ToString());
        foreach (var address in BrokerAddresses)
        {
            var broker = TokenBroker.Program.Build([$"--urls={address}", $"--TOKENBROKER_CONFIG={path}"]);
            brokers.Add(broker);
            await broker.StartAsync();
        }

        await Task.WhenAll(BrokerAddresses.Select(WaitUntilReadyAsync));
    }

    private static async Task WaitUntilReadyAsync(string address)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
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
