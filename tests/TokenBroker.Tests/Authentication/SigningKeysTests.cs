using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Authentication;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>What a key set holds beside its keys, and for how long.</summary>
public sealed class SigningKeysTests
{
    [Fact]
    public void Every_key_set_keeps_its_own_verifiers()
    {
        var json = KeySet(SandboxSigningKey.Create(SandboxSigningKey.Es256), SandboxSigningKey.Create());
        var (former, present) = (SigningKeys.Parse(json), SigningKeys.Parse(json));

        Assert.Same(former[0].CryptoProviderFactory, former[1].CryptoProviderFactory);
        Assert.NotSame(former[0].CryptoProviderFactory, present[0].CryptoProviderFactory);
        Assert.NotSame(CryptoProviderFactory.Default, present[0].CryptoProviderFactory);
        Assert.Same(Verifier(present[0]), Verifier(present[0]));
        Assert.NotSame(Verifier(former[0]), Verifier(present[0]));
    }

    [Fact]
    public void Keys_that_change_a_thousand_times_leave_nothing_behind()
    {
        var former = Enumerable.Range(0, 1_000).Select(_ => UseOnce()).ToList();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.All(former, verifier => Assert.False(verifier.IsAlive));
    }

    // Apart from the test, whose frame would keep the last one alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseOnce()
    {
        var verifier = Verifier(SigningKeys.Parse(KeySet(SandboxSigningKey.Create(SandboxSigningKey.Es256, "same-kid")))[0]);
        Assert.False(verifier.Verify(Encoding.ASCII.GetBytes("content"), new byte[64]));
        return new WeakReference(verifier);
    }

    private static SignatureProvider Verifier(SecurityKey key) => key.CryptoProviderFactory.CreateForVerifying(key, SecurityAlgorithms.EcdsaSha256);

    private static string KeySet(params SandboxSigningKey[] keys) => new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => key.ToJwk())]) }.ToJsonString();
}
