using System.Text.Json.Nodes;
using TokenBroker.Commands;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Testing;

/// <summary>A configuration with all that it depends on, in good health until a test plants something.</summary>
internal sealed class DoctorFixture : IAsyncDisposable
{
    private static readonly string AppKey = SandboxGitHub.NewAppKey();
    private static readonly SandboxSigningKey IssuerKey = SandboxSigningKey.Create();

    private readonly TemporaryFolder files = new();

    private DoctorFixture(SandboxGitHub github, SandboxIssuer issuer)
    {
        GitHub = github;
        Issuer = issuer;
        Configuration = SandboxConfiguration.Create(
            github.Address,
            github.ClientId,
            files.Write("app.pem", github.AppPrivateKeyPem),
            files.Write("enterprise-token", github.EnterpriseToken),
            issuer.Address);
    }

    public SandboxGitHub GitHub { get; }

    public SandboxIssuer Issuer { get; }

    public JsonObject Configuration { get; }

    public JsonObject GitHubSettings => (JsonObject)Configuration[nameof(GitHub)]!;

    public JsonObject IssuerSettings => (JsonObject)Configuration["Authentication"]!["Issuers"]![SandboxConfiguration.Issuer]!;

    public JsonObject Policy => (JsonObject)Configuration["Authorization"]!["Policies"]!["sandbox-machines"]!;

    public static async Task<DoctorFixture> StartAsync() => new(
        await SandboxGitHub.StartAsync(new SandboxGitHubOptions { AppKey = AppKey }),
        await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = IssuerKey }));

    public string Write(string name, string content) => files.Write(name, content);

    /// <summary>Runs the command, and sees that it told no secret.</summary>
    public async Task<DoctorReport> RunDoctorAsync(params string[] options)
    {
        var path = files.Write("broker.json", Configuration.ToJsonString());
        using var writer = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandLine.RunAsync(["doctor", "--config", path, .. options], writer, errors);
        var output = writer.ToString();
        Assert.Empty(errors.ToString());
        foreach (var secret in GitHub.IssuedSecrets.Append(GitHub.EnterpriseToken).Append("eyJ").Append("PRIVATE KEY"))
            Assert.DoesNotContain(secret, output, StringComparison.Ordinal);
        return new DoctorReport(code, output);
    }

    public async ValueTask DisposeAsync()
    {
        await GitHub.DisposeAsync();
        await Issuer.DisposeAsync();
        files.Dispose();
    }
}
