namespace TokenBroker.Authentication;

/// <summary>Keeps every issuer's keys up to date, each in a loop of its own.</summary>
internal sealed class IssuerKeyLoops(IssuerDirectory issuers) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(issuers.All.Select(issuer => issuer.Keys.KeepAsync(stoppingToken)));
}
