using TokenBroker.Configuration;

namespace TokenBroker.Authentication;

/// <summary>Keys from a file, for issuers without discovery. The file is polled with all others.</summary>
internal sealed class FileKeys(string issuer, ContentSource<KeySet> file, TimeProvider clock) : IssuerKeys
{
    public override KeySnapshot Current => new(issuer, file.Current.Value, clock.GetTimestamp());

    public override Task FirstRead => Task.CompletedTask;

    public override Task<TimeSpan?> PrepareAsync(string? keyId, string? algorithm, CancellationToken cancellation) => Task.FromResult<TimeSpan?>(null);

    public override Task KeepAsync(CancellationToken stopping) => Task.CompletedTask;
}
