using TokenBroker.Sandbox.Issuer;

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
        await broker.IsRefusedAsync(victim.Sign(key: rogueKey), AuthenticationAssertions.BadSignature);
        await broker.IsServedAsync(victim.Sign());
        await broker.IsRefusedAsync(rogue.Sign(key: victimKey), AuthenticationAssertions.BadSignature);
    }

    [Theory]
    [InlineData(SandboxSigningKey.Rs256, SandboxSigningKey.Rs256)]
    [InlineData(SandboxSigningKey.Es256, SandboxSigningKey.Es256)]
    [InlineData(SandboxSigningKey.Rs256, SandboxSigningKey.Es256)]
    [InlineData(SandboxSigningKey.Es256, SandboxSigningKey.Rs256)]
    public async Task No_kid_that_two_issuers_share_lets_one_sign_for_the_other(string victimAlgorithm, string rogueAlgorithm)
    {
        var pairs = new List<IssuerPair>();
        foreach (var rogueIsFirst in new[] { true, false })
        {
            pairs.Add(IssuerPair.Create(victimAlgorithm, rogueAlgorithm, rogueIsFirst, (_, _) => "shared-kid"));
            pairs.Add(IssuerPair.Create(victimAlgorithm, rogueAlgorithm, rogueIsFirst, (victim, _) => IssuerPair.ThumbprintOf(victim)));
            pairs.Add(IssuerPair.Create(victimAlgorithm, rogueAlgorithm, rogueIsFirst, (_, rogue) => IssuerPair.ThumbprintOf(rogue)));
        }

        await using var broker =
            await TestBroker.StartAsync((configuration, broker) => pairs.ForEach(pair => pair.Configure(configuration, broker)));
        foreach (var pair in pairs.Where(pair => pair.RogueIsFirst))
            await pair.ForgeAsync(broker);
        foreach (var pair in pairs)
            await pair.ServeAsync(broker);
        await Task.WhenAll(
            Enumerable.Range(0, 5).SelectMany(_ => pairs).SelectMany(pair => new[] { pair.ForgeAsync(broker), pair.ServeAsync(broker) }));
    }

    [Theory]
    [InlineData(SandboxSigningKey.Rs256, SandboxSigningKey.Rs256)]
    [InlineData(SandboxSigningKey.Es256, SandboxSigningKey.Es256)]
    [InlineData(SandboxSigningKey.Rs256, SandboxSigningKey.Es256)]
    [InlineData(SandboxSigningKey.Es256, SandboxSigningKey.Rs256)]
    public async Task A_new_key_under_the_former_kid_takes_its_place(string algorithm, string next)
    {
        var clock = new ManualClock();
        await using var issuer = await SandboxIssuer.StartAsync(new SandboxIssuerOptions { Algorithm = algorithm, TimeProvider = clock });
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration.Set("Authority", issuer.AddressText()),
            clock);
        await broker.IsServedAsync(issuer.Sign());

        var former = issuer.SigningKey;
        issuer.RotateKeys(reuseKeyId: true, key: SandboxSigningKey.Create(next));
        await broker.IsRefusedAsync(issuer.Sign(), AuthenticationAssertions.BadSignature);
        await clock.AdvanceToNextFetchAsync();
        await Eventually.IsTrueAsync(() => issuer.KeyFetches == 2, "the keys were fetched again");
        await clock.RestAsync();
        await Task.WhenAll(Enumerable.Range(0, 10).SelectMany(_ => new[]
        {
            broker.IsServedAsync(issuer.Sign()),
            broker.IsRefusedAsync(issuer.Sign(key: former), AuthenticationAssertions.BadSignature),
        }));
    }
}
