using System.Globalization;

namespace TokenBroker.Sandbox;

/// <summary>How the sandbox is to run.</summary>
/// <param name="BrokerPort">The first broker's port. Default 8080.</param>
/// <param name="GitHubPort">The sandbox's GitHub's. Default 8081.</param>
/// <param name="IssuerPort">The sandbox's issuer's. Default 8082; further brokers listen on the ports after it.</param>
/// <param name="Redis">A Redis for the brokers to share, as <c>host:port</c>. Default: none.</param>
/// <param name="Replicas">How many brokers there are, 1 to 9. Default 1.</param>
public sealed record SandboxArguments(int BrokerPort = 8080, int GitHubPort = 8081, int IssuerPort = 8082, string? Redis = null, int Replicas = 1)
{
    /// <summary>What the command line may hold.</summary>
    public const string Usage = """
        Usage: dotnet run --project src/TokenBroker.Sandbox [-- OPTIONS]
          --redis HOST:PORT     a Redis that the brokers share
          --replicas N          that many brokers, 1 to 9: the first on 8080, the others on 8083 and up
          --broker-port PORT    in place of 8080
          --github-port PORT    in place of 8081
          --issuer-port PORT    in place of 8082; further brokers follow it
        """;

    /// <summary>The ports of all brokers.</summary>
    public IEnumerable<int> BrokerPorts => Enumerable.Range(IssuerPort + 1, Replicas - 1).Prepend(BrokerPort);

    /// <summary>Reads the command line; false if it holds anything else.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, out SandboxArguments parsed)
    {
        parsed = new SandboxArguments();
        for (var index = 0; index < arguments.Count; index += 2)
        {
            if (index + 1 == arguments.Count || parsed.With(arguments[index], arguments[index + 1]) is not { } next)
                return false;
            parsed = next;
        }

        return true;
    }

    private SandboxArguments? With(string option, string value) => option switch
    {
        "--broker-port" when Number(value, 65535) is { } port => this with { BrokerPort = port },
        "--github-port" when Number(value, 65535) is { } port => this with { GitHubPort = port },
        "--issuer-port" when Number(value, 65535) is { } port => this with { IssuerPort = port },
        "--replicas" when Number(value, 9) is { } replicas => this with { Replicas = replicas },
        "--redis" when value.Length > 0 => this with { Redis = value },
        _ => null,
    };

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number : null;
}
