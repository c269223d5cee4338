using System.Text.Json.Nodes;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Benchmarks;

/// <summary>
/// The files of a broker that is measured: as a user writes them, with warnings only in the log and no limit of requests.
/// </summary>
internal sealed class BrokerFiles : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("token-broker-benchmark-");

    /// <param name="gitHub">The broker's GitHub.</param>
    /// <param name="issuer">Its callers' issuer.</param>
    /// <param name="policies">What takes the place of the sandbox's own policy.</param>
    public BrokerFiles(SandboxGitHub gitHub, SandboxIssuer issuer, JsonNode? policies = null)
    {
        var configuration = SandboxConfiguration.Create(
            gitHub.Address,
            gitHub.ClientId,
            Write("app.pem", gitHub.AppPrivateKeyPem),
            Write("enterprise-token", gitHub.EnterpriseToken),
            issuer.Address);
        if (policies is not null)
            configuration["Authorization"] = policies;
        configuration["RateLimit"] = new JsonObject { ["RequestsPerMinute"] = 0 };
        configuration["Logging"] = new JsonObject
        {
            ["LogLevel"] = new JsonObject
            {
                ["Default"] = "Warning",
                ["TokenBroker"] = "Warning",
                ["TokenBroker.Runners"] = "Warning",
                ["Microsoft.Hosting.Lifetime"] = "Warning",
            }
        };
        configuration["Shutdown"]!["Delay"] = "00:00:00";
        ConfigurationPath = Write("broker.json", configuration.ToJsonString());
    }

    /// <summary>The configuration.</summary>
    public string ConfigurationPath { get; }

    public void Dispose() => folder.Delete(recursive: true);

    private string Write(string name, string content)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }
}
