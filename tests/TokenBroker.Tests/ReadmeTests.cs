using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.Hosting;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Commands;

namespace TokenBroker.Tests;

/// <summary>The instructions of the README and of the pages it leads to are followed here, word for word.</summary>
public sealed class ReadmeTests
{
    private const string Readme = "README.md";
    private const string Troubleshooting = "docs/troubleshooting.md";

    [Fact]
    public async Task The_configuration_starts_a_broker()
    {
        using var files = new TemporaryFolder();
        var configuration = Json(Documentation.Block(Readme, "jsonc", "\"gce-runners\""));
        var runners = Json(Documentation.Block("docs/api.md", "jsonc", "\"gpu-machines\""));
        configuration["Authorization"]!["Policies"]!["gpu-machines"] = runners["Authorization"]!["Policies"]!["gpu-machines"]!.DeepClone();
        configuration["GitHub"]!["App"]!["PrivateKeyPath"] = files.Write("app.pem", SandboxGitHub.NewAppKey());
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", files.Write("broker.json", configuration.ToJsonString())));
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        Assert.Contains("\"ok\"", await client.GetStringAsync("/livez"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machine_gets_its_token()
    {
        Assert.SkipUnless(IsInstalled("curl") && IsInstalled("bash"), "The documented lines need bash and curl.");
        await using var broker = await TestBroker.StartAsync();
        var platform = WebApplication.CreateSlimBuilder();
        platform.Logging.ClearProviders();
        await using var metadata = platform.Build();
        metadata.Urls.Add("http://127.0.0.1:0");
        metadata.MapGet("/computeMetadata/v1/instance/service-accounts/default/identity", (HttpRequest request) =>
            request.Headers["Metadata-Flavor"] == "Google" && request.Query["format"] == "full" ? broker.Issuer.Sign() : "refused");
        await metadata.StartAsync();

        using var files = new TemporaryFolder();
        files.Write("config.sh", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        var address = broker.Address.GetLeftPart(UriPartial.Authority);
        var script = "chmod +x config.sh\n" + Documentation.Block(Readme, "bash", "METADATA=")
            .Replace("BROKER=https://broker.example", "BROKER=" + address, StringComparison.Ordinal)
            .Replace("METADATA=http://metadata.google.internal", "METADATA=" + metadata.Urls.Single(), StringComparison.Ordinal);

        var (code, output, errors) = await RunAsync(files, script);
        Assert.True(code == 0, errors);
        var arguments = output.TrimEnd().Split('\n');
        Assert.Equal("--token", arguments[^2]);
        Assert.Contains(arguments[^1], broker.GitHub.IssuedSecrets);
    }

    [Fact]
    public async Task An_operator_learns_why_a_caller_is_refused()
    {
        Assert.SkipUnless(IsInstalled("curl") && IsInstalled("bash"), "The documented lines need bash and curl.");
        await using var broker = await TestBroker.StartAsync();
        using var files = new TemporaryFolder();
        files.Write("broker.json", await File.ReadAllTextAsync(broker.ConfigurationPath));
        files.Write("jwt", broker.Issuer.Sign());
        var address = broker.Address.GetLeftPart(UriPartial.Authority);
        var script = $"BROKER={address}\n" + Documentation.Block(Troubleshooting, "bash", "explain --config")
            .Replace("publish/TokenBroker.dll", Path.Combine(AppContext.BaseDirectory, "TokenBroker.dll"), StringComparison.Ordinal);
        var (code, output, errors) = await RunAsync(files, script);
        Assert.True(code == 0, errors);
        Assert.StartsWith("{\"issuer\":\"sandbox\"", output, StringComparison.Ordinal);
        Assert.Contains("\n0 faults, ", output, StringComparison.Ordinal);
        Assert.Contains("\nALLOWED: registration-token on orgs/octo-org, by policy sandbox-machines.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_explanation_is_the_one_that_is_shown()
    {
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        var jwt = files.Write("jwt", issuer.Sign(new
        {
            iss = "https://accounts.google.com",
            aud = "https://broker.example",
            google = new { compute_engine = new { project_id = "ci-test" } },
        }));
        var configuration = files.Write("broker.json", Documentation.Block(Readme, "jsonc", "\"gce-runners\""));
        var (code, output, _) = await CommandLineTests.RunAsync(
            "explain", "--config", configuration, "--token-file", jwt, "--scope", "orgs/octo-org", "--unverified");
        Assert.Equal(1, code);
        Assert.Equal(Documentation.Block(Troubleshooting, "text", "NOTHING WAS VERIFIED"), output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_doctor_finds_a_sound_set_up_sound()
    {
        Assert.SkipUnless(IsInstalled("bash"), "The documented lines need bash.");
        await using var fixture = await DoctorFixture.StartAsync();
        var script = Documentation.Block(Readme, "bash", "dll doctor")
            .Replace("publish/TokenBroker.dll", Path.Combine(AppContext.BaseDirectory, "TokenBroker.dll"), StringComparison.Ordinal);
        var start = new ProcessStartInfo("bash", ["-euc", script])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(fixture.Write("broker.json", fixture.Configuration.ToJsonString())),
        };
        using var doctor = Process.Start(start)!;
        var output = await doctor.StandardOutput.ReadToEndAsync();
        await doctor.WaitForExitAsync();
        Assert.Contains("Faults: 0, warnings: 0.", output, StringComparison.Ordinal);
        Assert.All(output.TrimEnd().Split('\n')[..^2], line => Assert.Matches("^(ok|note)  ", line));
        Assert.Equal(0, doctor.ExitCode);
    }

    [Fact]
    public void Every_configuration_key_is_in_a_table()
    {
        var page = Documentation.Read("docs/configuration.md");
        foreach (var key in Keys(typeof(TokenBroker.GitHub.GitHubOptions))
            .Concat(Keys(typeof(TokenBroker.Authentication.IssuerOptions)))
            .Concat(Keys(typeof(TokenBroker.Authorization.PolicyOptions)))
            .Concat(Keys(typeof(GrantOptions)).Select(key => "Grants:" + key))
            .Concat(Keys(typeof(TokenBroker.Caching.TokenCacheOptions)))
            .Concat(Keys(typeof(TokenBroker.Caching.Redis.RedisOptions)))
            .Concat(Keys(typeof(ShutdownOptions)))
            .Concat(Keys(typeof(ForwardingOptions)))
            .Concat(Keys(typeof(OverloadOptions)).Select(key => "Overload:" + key))
            .Concat(Keys(typeof(TokenBroker.RateLimiting.RateLimitOptions))))
        {
            Assert.Matches($"(?m)^\\|[^|]*\\b{key}`", page);
        }
    }

    [Fact]
    public void Every_failure_that_a_caller_sees_is_in_the_table()
    {
        var page = Documentation.Read("docs/failures.md");
        foreach (var kind in typeof(FailureKinds).GetFields().Select(field => field.GetValue(null)).OfType<FailureKind>())
        {
            Assert.Matches($"(?m)^\\|.*\\|.*{kind.Status} `{kind.Name}`", page);
        }
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(TemporaryFolder folder, string script)
    {
        var path = folder.Write("script.sh", script);
        var start = new ProcessStartInfo("bash", ["-eu", path])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(path),
        };
        using var bash = Process.Start(start)!;
        var errors = bash.StandardError.ReadToEndAsync();
        var output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();
        return (bash.ExitCode, output, await errors);
    }

    private static IEnumerable<string> Keys(Type options) =>
        options.GetProperties().Select(property => property.Name).Where(name => name is not ("App" or "Grants"));

    private static JsonNode Json(string text) =>
        JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!;

    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));
}
