using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Authentication;

/// <summary>A kid is whatever its issuer says: two keys of the same kid are two keys.</summary>
public sealed class KeyConfusionTests
{
    [Theory]
    [InlineData(SandboxSigningKey.Rs256)]
    [InlineData(SandboxSigningKey.Es256)]
    public async Task An_issuer_cannot_sign_for_another_by_taking_its_kid(string algorithm)
    {
        var victimKey = SandboxSigningKey.Create(algorithm, "shared-kid");
        var rogueKey = SandboxSigningKey.Create(algorithm, "shared-kid");
        await using var victim = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = victimKey });
        await using var rogue = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = rogueKey });
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration.SetDiscovered("victim", victim);
            configuration.SetDiscovered("rogue", rogue, "orgs/octo-two");
        });

        await broker.IsServedAsync(rogue.Sign(), "/orgs/octo-two/actions/runners/registration-token");
        await broker.IsRefusedAsync(victim.Sign(key: rogueKey), Answers.BadSignature);
        await broker.IsServedAsync(victim.Sign());
        await broker.IsRefusedAsync(rogue.Sign(key: victimKey), Answers.BadSignature);
    }

    [Theory]
    [InlineData(SandboxSigningKey.Rs256)]
    [InlineData(SandboxSigningKey.Es256)]
    public async Task A_new_key_under_the_former_kid_takes_its_place(string algorithm)
    {
        var clock = new ManualClock();
        await using var issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { Algorithm = algorithm, TimeProvider = clock });
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.Set("Authority", issuer.AddressText()), clock);
        await broker.IsServedAsync(issuer.Sign());

        var former = issuer.SigningKey;
        issuer.RotateKeys(reuseKeyId: true);
        await broker.IsRefusedAsync(issuer.Sign(), Answers.BadSignature);
        await clock.AdvanceToNextFetchAsync();
        await Eventually.IsTrueAsync(() => issuer.KeyFetches == 2, "the keys were fetched again");
        await clock.RestAsync();
        await broker.IsServedAsync(issuer.Sign());
        await broker.IsRefusedAsync(issuer.Sign(key: former), Answers.BadSignature);
    }
}
