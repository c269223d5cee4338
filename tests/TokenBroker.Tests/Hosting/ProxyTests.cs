using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Hosting;

/// <summary>A proxy that is not there, or says nothing: whoever looks for the fault is told that it is the proxy, and which.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task A_missing_proxy_is_named()
    {
        // Held and not listened on, so that nothing else can be there.
        using var held = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        held.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var proxy = held.LocalEndPoint!.ToString()!;
        var told = $"no connection to the proxy {proxy}, which HTTPS_PROXY or HTTP_PROXY names: Connection refused";
        using var files = new TemporaryFolder();
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        var environment = Environment(files, gitHub, issuer, proxy);
        await using (var broker = BrokerProcess.Start(environment))
        {
            await AskAsync(broker, issuer);
            await Eventually.IsTrueAsync(
                () => broker.Output.Contains("Issuer far: its keys cannot be fetched: " + told, StringComparison.Ordinal),
                "it was told of the issuer");
            Assert.Contains("GitHub cannot be reached for installation: " + told, broker.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", broker.Output, StringComparison.Ordinal);
        }

        await using var doctor = BrokerProcess.Run(["doctor"], environment);
        Assert.Equal(1, await doctor.ExitCodeAsync());
        Assert.Contains($"https://ghe.invalid/api/v3 cannot be reached: {told}", doctor.Output, StringComparison.Ordinal);
        Assert.Contains($"its keys cannot be fetched from https://issuer.invalid: {told}", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("-> Check HTTPS_PROXY and NO_PROXY, and that the proxy listens there.", doctor.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_proxy_is_named()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var proxy = silent.LocalEndpoint.ToString()!;
        using var files = new TemporaryFolder();
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        await using var broker = BrokerProcess.Start(Environment(files, gitHub, issuer, proxy));
        var asking = AskAsync(broker, issuer);
        var named = $" in time through the proxy {proxy}, which HTTPS_PROXY or HTTP_PROXY names";
        await Eventually.IsTrueAsync(
            () => broker.Output.Contains("GitHub cannot be reached for installation: no connection" + named, StringComparison.Ordinal),
            "it was told of GitHub");
        await Eventually.IsTrueAsync(
            () => broker.Output.Contains("Issuer far: its keys cannot be fetched: no answer" + named, StringComparison.Ordinal),
            "it was told of the issuer");
        var readiness = await asking;
        Assert.Equal(
            ("degraded", "GitHub cannot be reached."),
            (readiness["status"]!.GetValue<string>(), readiness["detail"]!.GetValue<string>()));
        Assert.DoesNotContain("hunter2", broker.Output, StringComparison.Ordinal);
    }

    private static (string Name, string Value)[] Environment(
        TemporaryFolder files,
        SandboxGitHub gitHub,
        SandboxIssuer issuer,
        string proxy)
    {
        JsonObject configuration = SandboxConfiguration.Create(
            new Uri("https://ghe.invalid"),
            gitHub.ClientId,
            files.Write("app.pem", gitHub.AppPrivateKeyPem),
            files.Write("enterprise-token", gitHub.EnterpriseToken),
            issuer.Address);
        configuration["GitHub"]!["ApiUrl"] = "https://ghe.invalid/api/v3";
        configuration.SetIssuer("far", new { Authority = "https://issuer.invalid", Audiences = new[] { "a" } });
        return [
            ("TOKENBROKER_CONFIG", files.Write("broker.json", configuration.ToString())),
            ("HTTPS_PROXY", $"http://somebody:hunter2@{proxy}"),
            ("NO_PROXY", "127.0.0.1"),
        ];
    }

    // What /readyz says of GitHub after a caller was told that it cannot be reached.
    private static async Task<JsonNode> AskAsync(BrokerProcess broker, SandboxIssuer issuer)
    {
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        using var request = new HttpRequestMessage(HttpMethod.Post, AuthenticationAssertions.Path);
        request.Headers.Authorization = new("Bearer", issuer.Sign());
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        return JsonNode.Parse(await client.GetStringAsync("/readyz"))!["checks"]!["github"]!;
    }
}
