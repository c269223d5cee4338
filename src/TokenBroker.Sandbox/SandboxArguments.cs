using System.Globalization;

namespace TokenBroker.Sandbox;

/// <summary>How the sandbox is to run.</summary>
public sealed record SandboxArguments
{
    /// <summary>The help text.</summary>
    public const string Usage = """
        Usage: dotnet run --project src/TokenBroker.Sandbox [-- OPTIONS]
          --redis HOST:PORT     a Redis that the brokers share
          --replicas N          number of brokers, 1 to 9: the first on 8080, the others on 8083 and up
          --broker-port PORT    instead of 8080
          --github-port PORT    instead of 8081
          --issuer-port PORT    instead of 8082; further brokers use the ports after it
        For containers:
          --without-broker      only the GitHub and the issuer
          --all-addresses       both listen on all addresses, not only on loopback
          --issuer-url URL      the "iss" of the issuer's JWTs, as brokers elsewhere reach it
          --secrets FOLDER      keeps the App's key and the enterprise token in files there; missing ones are created
          --secrets-only        creates those, a Redis password and an encryption key if they are missing, and exits
        """;

    /// <summary>The first broker's port. Default 8080.</summary>
    public int BrokerPort { get; init; } = 8080;

    /// <summary>The sandbox's GitHub's. Default 8081.</summary>
    public int GitHubPort { get; init; } = 8081;

    /// <summary>The sandbox's issuer's. Default 8082; further brokers listen on the ports after it.</summary>
    public int IssuerPort { get; init; } = 8082;

    /// <summary>A Redis for the brokers to share, as <c>host:port</c>. Default: none.</summary>
    public string? Redis { get; init; }

    /// <summary>How many brokers there are, 0 to 9. Default 1.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Whether GitHub and the issuer listen on all addresses. Default: on loopback.</summary>
    public bool OnAllAddresses { get; init; }

    /// <summary>The <c>iss</c> of the issuer's JWTs. Default: its address on loopback.</summary>
    public string? IssuerUrl { get; init; }

    /// <summary>The folder that secrets are kept in. Default: none, all are made anew.</summary>
    public string? SecretsFolder { get; init; }

    /// <summary>Whether only secrets are to be made.</summary>
    public bool SecretsOnly { get; init; }

    /// <summary>The ports of all brokers.</summary>
    public IEnumerable<int> BrokerPorts => Enumerable.Range(IssuerPort, Replicas).Select(port => port == IssuerPort ? BrokerPort : port);

    /// <summary>Reads the command line; false if it holds anything else.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, out SandboxArguments parsed)
    {
        parsed = new SandboxArguments();
        for (var index = 0; index < arguments.Count; index++)
        {
            var next = parsed.With(arguments[index])
                ?? (++index < arguments.Count ? parsed.With(arguments[index - 1], arguments[index]) : null);
            if (next is null)
                return false;
            parsed = next;
        }

        return !parsed.SecretsOnly || parsed.SecretsFolder is not null;
    }

    private SandboxArguments? With(string flag) => flag switch
    {
        "--without-broker" => this with { Replicas = 0 },
        "--all-addresses" => this with { OnAllAddresses = true },
        "--secrets-only" => this with { SecretsOnly = true },
        _ => null,
    };

    private SandboxArguments? With(string option, string value) => option switch
    {
        "--broker-port" when Number(value, 65535) is { } port => this with { BrokerPort = port },
        "--github-port" when Number(value, 65535) is { } port => this with { GitHubPort = port },
        "--issuer-port" when Number(value, 65535) is { } port => this with { IssuerPort = port },
        "--replicas" when Number(value, 9) is { } replicas => this with { Replicas = replicas },
        "--redis" when value.Length > 0 => this with { Redis = value },
        "--issuer-url" when Uri.IsWellFormedUriString(value, UriKind.Absolute) => this with { IssuerUrl = value },
        "--secrets" when value.Length > 0 => this with { SecretsFolder = value },
        _ => null,
    };

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : null;
}
