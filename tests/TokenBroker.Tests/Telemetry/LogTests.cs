using System.Diagnostics;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Telemetry;

public sealed class LogTests
{
    [Fact]
    public async Task In_a_container_every_line_is_JSON_and_names_its_trace_and_request()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = Start(gitHub, issuer, files, ("DOTNET_RUNNING_IN_CONTAINER", "true"));
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        await Eventually.IsTrueAsync(async () => (await client.GetAsync("/readyz")).IsSuccessStatusCode, "the broker got ready");

        var theirs = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orgs/octo-org/actions/runners/registration-token");
        request.Headers.Authorization = new("Bearer", issuer.Sign());
        request.Headers.Add("traceparent", $"00-{theirs}-{ActivitySpanId.CreateRandom()}-01");
        using var response = await client.SendAsync(request);
        var id = response.Headers.GetValues("X-Request-Id").Single();

        await Eventually.IsTrueAsync(() => broker.Output.Contains("Allowed", StringComparison.Ordinal), "the decision was logged");
        var lines = broker.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => JsonNode.Parse(line)!)
            .ToList();
        var decision = Assert.Single(
            lines,
            line => line["Message"] is { } message && ((string)message!).StartsWith("Allowed", StringComparison.Ordinal));
        var scopes = decision["Scopes"]!.ToJsonString();
        Assert.Matches("\"TraceId\":\"[0-9a-f]{32}\"", scopes);
        Assert.DoesNotContain(theirs.ToString(), scopes, StringComparison.Ordinal);
        Assert.Contains("\"SpanId\":\"", scopes, StringComparison.Ordinal);
        Assert.Contains(id, scopes, StringComparison.Ordinal);
        Assert.EndsWith("Z", (string)decision["Timestamp"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_terminal_it_is_text_unless_the_configuration_wants_JSON()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var text = Start(gitHub, issuer, files);
        await text.AddressAsync();
        Assert.StartsWith("info: ", text.Output, StringComparison.Ordinal);
        await using var json = Start(gitHub, issuer, files, ("Logging__Console__FormatterName", "json"));
        await json.AddressAsync();
        Assert.StartsWith("{", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_says_what_is_configured_and_no_secret()
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        await using var broker = Start(
            gitHub,
            issuer,
            files,
            ("ConnectionStrings__Redis", "127.0.0.1:9,password=hunter2"),
            ("TokenCache__EncryptionKeys__0", Convert.ToBase64String(new byte[32])));
        await broker.AddressAsync();
        foreach (var said in new[]
        {
            "Token Broker 0.", $"GitHub: {gitHub.Address.GetLeftPart(UriPartial.Authority)}, App {gitHub.ClientId}, an enterprise token",
            "Issuer sandbox: ", "audiences: 1",
            "Policies: 1: sandbox-machines", "Cache: memory and Redis", "Telemetry: metrics to nowhere",
        })
        {
            Assert.Contains(said, broker.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("hunter2", broker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(gitHub.EnterpriseToken, broker.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(new byte[32]), broker.Output, StringComparison.Ordinal);
    }

    private static BrokerProcess Start(
        SandboxGitHub gitHub,
        SandboxIssuer issuer,
        TemporaryFolder files,
        params IReadOnlyList<(string Name, string Value)> environment)
    {
        var configuration = SandboxConfiguration.Create(
            gitHub.Address,
            gitHub.ClientId,
            files.Write("app.pem", gitHub.AppPrivateKeyPem),
            files.Write("enterprise-token", gitHub.EnterpriseToken),
            issuer.Address);
        return BrokerProcess.Start([("TOKENBROKER_CONFIG", files.Write("broker.json", configuration.ToString())), .. environment]);
    }
}
