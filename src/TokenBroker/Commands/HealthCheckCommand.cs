using System.Diagnostics.CodeAnalysis;
using TokenBroker.Configuration;
using TokenBroker.Failures;

namespace TokenBroker.Commands;

/// <summary>Asks the broker of the same container whether it serves: a health check for images that have neither shell nor curl.</summary>
internal sealed class HealthCheckCommand : Command
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);
    private static readonly CommandOption Url = new("--url", "URL", "What to ask. Without it, /livez of the port that the configuration makes the broker listen on.");

    public override string Name => "healthcheck";

    public override string Summary => "Exit code 0 if the broker here answers, 1 if it does not.";

    public override IReadOnlyList<CommandOption> Options => [Url];

    public override async Task<int> RunAsync(CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(AddressOf(arguments), errors, cancellationToken);
        }
        catch (StartupFaultException fault)
        {
            await errors.WriteLineAsync(fault.Message);
            return 1;
        }
    }

    private static Uri AddressOf(CommandArguments arguments)
    {
        if (arguments.Find(Url) is not { } url)
            return new Uri(OwnAddress.Find(), "/livez");
        return WebAddress.TryParse(url, out var address) ? address : throw new CommandFaultException($"{Url.Name} must be an address such as http://localhost:8080/livez.");
    }

    private static async Task<int> AskAsync(Uri address, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient(Handler(address)) { Timeout = Longest };
            using var response = await client.GetAsync(address, cancellationToken);
            if (response.IsSuccessStatusCode)
                return 0;
            await errors.WriteLineAsync($"{address} answers {(int)response.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await errors.WriteLineAsync($"{address} does not answer: {HttpFault.Describe(exception, address)}");
        }

        return 1;
    }

    [SuppressMessage("Security", "CA5359", Justification = "A certificate names the callers' address, not loopback; nothing secret is said there or believed from there.")]
    private static SocketsHttpHandler Handler(Uri address)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (address.IsLoopback)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return handler;
    }
}

/// <summary>Where a broker that is configured as this process is would listen, seen from the same machine.</summary>
internal static class OwnAddress
{
    /// <summary>Reads the configuration that the broker reads: from the same files and the same environment.</summary>
    public static Uri Find() => Find(CommandConfiguration.Read(path: null));

    /// <summary>The first address, plain HTTP before HTTPS.</summary>
    public static Uri Find(IConfiguration configuration) =>
        ListeningAddresses.Find(configuration).OrderBy(address => address.Scheme, StringComparer.Ordinal).First();
}
