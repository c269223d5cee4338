namespace TokenBroker.Authentication;

/// <summary>Keeps every issuer's keys up to date, each in a loop of its own.</summary>
internal sealed class IssuerKeyLoops(IssuerDirectory issuers) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(issuers.All.Select(issuer => issuer.Keys.KeepAsync(stoppingToken)));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A start that fails ends what runs already, and the host would call that a failure.
        }
    }
}
