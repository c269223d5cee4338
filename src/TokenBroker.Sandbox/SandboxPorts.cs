using System.Globalization;

namespace TokenBroker.Sandbox;

/// <summary>The ports that the sandbox listens on.</summary>
/// <param name="Broker">The broker's. Default 8080.</param>
/// <param name="GitHub">The sandbox's GitHub's. Default 8081.</param>
/// <param name="Issuer">The sandbox's issuer's. Default 8082.</param>
public sealed record SandboxPorts(int Broker = 8080, int GitHub = 8081, int Issuer = 8082)
{
    /// <summary>What the command line may hold.</summary>
    public const string Usage = "Usage: dotnet run --project src/TokenBroker.Sandbox [-- [--broker-port PORT] [--github-port PORT] [--issuer-port PORT]]";

    /// <summary>Reads the command line; false if it holds anything else.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, out SandboxPorts ports)
    {
        ports = new SandboxPorts();
        for (var index = 0; index < arguments.Count; index += 2)
        {
            if (index + 1 == arguments.Count
                || !int.TryParse(arguments[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                || port is < 1 or > 65535)
            {
                return false;
            }

            switch (arguments[index])
            {
                case "--broker-port":
                    ports = ports with { Broker = port };
                    break;
                case "--github-port":
                    ports = ports with { GitHub = port };
                    break;
                case "--issuer-port":
                    ports = ports with { Issuer = port };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}
