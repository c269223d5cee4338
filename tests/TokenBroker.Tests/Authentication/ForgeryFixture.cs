using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>One broker for all forgeries: it knows two issuers on sockets and one by a file, and has never heard of the attacker.</summary>
public sealed class ForgeryFixture : IAsyncLifetime
{
    internal TestBroker Broker { get; private set; } = null!;

    /// <summary>The issuer that the forgeries pretend to come from.</summary>
    internal SandboxIssuer Issuer => Broker.Issuer;

    /// <summary>Another issuer that the broker trusts.</summary>
    internal SandboxIssuer Other { get; private set; } = null!;

    /// <summary>An issuer that the broker does not trust.</summary>
    internal SandboxIssuer Attacker { get; private set; } = null!;

    /// <summary>A trusted issuer that signs whatever text it is given.</summary>
    internal RawJwtSigner RawSigner { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Other = await IssuerSettings.StartAnotherAsync();
        Attacker = await SandboxIssuer.StartAsync();
        Broker = await TestBroker.StartAsync((configuration, broker) =>
        {
            configuration.SetDiscovered("other", Other);
            configuration.SetIssuer("by-hand", new
            {
                RawJwtSigner.Issuer,
                JwksPath = broker.WriteFile("keys.json", RawSigner.KeySet),
                Audiences = new[] { "token-broker" },
            });
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Other.DisposeAsync();
        await Attacker.DisposeAsync();
        RawSigner.Dispose();
    }
}
