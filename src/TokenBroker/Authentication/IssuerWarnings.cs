using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.Authentication;

/// <summary>Says at start what is allowed and unwise.</summary>
internal sealed partial class IssuerWarnings(IOptions<CallerOptions> options, ILogger<IssuerWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Find(options.Value))
            Log.Unwise(logger, warning.Key, warning.Text);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is unwise about the issuers.</summary>
    internal static IEnumerable<ConfigurationWarning> Find(CallerOptions callers) =>
        from entry in callers.Issuers
        from address in new[] { (Key: "Authority", Value: entry.Value.Authority), (Key: "JwksUri", Value: entry.Value.JwksUri) }
        where WebAddress.TryParse(address.Value, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback
        select new ConfigurationWarning(
            $"{CallerOptions.Section}:Issuers:{entry.Key}:{address.Key}", "its keys come by plain http; whoever is on the way can sign as any caller");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Key}: {Warning}")]
        public static partial void Unwise(ILogger logger, string key, string warning);
    }
}
