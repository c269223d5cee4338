using System.Diagnostics.CodeAnalysis;
using TokenBroker.Configuration;
using TokenBroker.Failures;

namespace TokenBroker.Commands;

/// <summary>Checks that the broker in the same container serves: a health check for images with neither shell nor curl.</summary>
internal sealed class HealthCheckCommand : Command
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(3);
    private static readonly CommandOption Url = new(
        "--url", "URL", "What to request. Default: /livez at the port where this configuration makes the broker listen.");

    public override string Name => "healthcheck";

    public override string Summary => "Exit code 0 if the broker on this machine answers, 1 if it does not.";

    public override IReadOnlyList<CommandOption> Options => [Url];

    public override async Task<int> RunAsync(
        CommandArguments arguments, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            return await RequestAsync(ReadAddress(arguments), errors, cancellationToken);
        }
        catch (StartupFaultException fault)
        {
            await errors.WriteLineAsync(fault.Message);
            return 1;
        }
    }

    private static Uri ReadAddress(CommandArguments arguments)
    {
        if (arguments.Find(Url) is not { } url)
            return new Uri(OwnAddress.Find(), "/livez");
        return WebAddress.TryParse(url, out var address)
            ? address
            : throw new CommandFaultException($"{Url.Name} must be an address such as http://localhost:8080/livez.");
    }

    private static async Task<int> RequestAsync(Uri address, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new HttpClient(CreateHandler(address)) { Timeout = LongestRequest };
            using var response = await client.GetAsync(address, cancellationToken);
            if (response.IsSuccessStatusCode)
                return 0;
            await errors.WriteLineAsync($"{address} answers {(int)response.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            await errors.WriteLineAsync($"{address} does not answer: {HttpFault.Describe(exception, address)}");
        }

        return 1;
    }

    [SuppressMessage("Security", "CA5359", Justification =
        "The certificate is for the callers' address, not loopback. The request holds no secret, and its answer is not trusted with any.")]
    private static SocketsHttpHandler CreateHandler(Uri address)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        if (address.IsLoopback)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        return handler;
    }
}

/// <summary>Where a broker with this configuration listens, as seen from the same machine.</summary>
internal static class OwnAddress
{
    /// <summary>Reads the same files and environment as the broker.</summary>
    public static Uri Find() => Find(CommandConfiguration.Read(path: null));

    /// <summary>Returns the first address, plain HTTP before HTTPS.</summary>
    public static Uri Find(IConfiguration configuration) =>
        ListeningAddresses.Find(configuration).OrderBy(address => address.Scheme, StringComparer.Ordinal).First();
}
