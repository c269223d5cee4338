using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.Authentication;

/// <summary>Says at start what is allowed and unwise.</summary>
internal sealed partial class IssuerWarnings(IOptions<CallerOptions> options, ILogger<IssuerWarnings> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, issuer) in options.Value.Issuers)
        {
            foreach (var address in new[] { issuer.Authority, issuer.JwksUri })
            {
                if (WebAddress.TryParse(address, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
                    Log.PlainHttp(logger, name, uri.Host);
            }
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Issuer {Issuer}: its keys come from {Host} by plain http; whoever is on the way can sign as any caller")]
        public static partial void PlainHttp(ILogger logger, string issuer, string host);
    }
}
