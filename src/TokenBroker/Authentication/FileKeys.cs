using Microsoft.IdentityModel.Tokens;
using TokenBroker.Hosting;

namespace TokenBroker.Authentication;

/// <summary>Keys from a file, for issuers without discovery. The file is polled with all others.</summary>
internal sealed class FileKeys(string issuer, ContentSource<IReadOnlyList<SecurityKey>> file, TimeProvider clock) : IssuerKeys
{
    public override KeySnapshot Current => new(issuer, file.Current.Value, clock.GetTimestamp());

    public override Task FirstRead => Task.CompletedTask;

    public override Task PrepareAsync(string? keyId, CancellationToken cancellation) => Task.CompletedTask;

    public override Task KeepAsync(CancellationToken stopping) => Task.CompletedTask;
}
