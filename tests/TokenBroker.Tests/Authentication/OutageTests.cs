using System.Net;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>Issuers that are down, from the start or later, or whose answers are of no use.</summary>
public sealed class OutageTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public async Task An_issuer_that_was_never_reached_is_503_for_its_own_callers_only()
    {
        await using var down = await IssuerSettings.StartAnotherAsync(clock);
        await down.StopAsync();
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetDiscovered("down", down), clock);

        await broker.IsUnavailableAsync(down.Sign());
        await broker.IsServedAsync(broker.Issuer.Sign());
        Assert.Equal((HttpStatusCode.OK, "degraded", "no keys for: down"), await broker.ReadinessAsync());

        // Not even a good signature would do, and nothing about it is told.
        await broker.IsUnavailableAsync(down.Sign(key: broker.Issuer.SigningKey));
        await broker.IsRefusedAsync(down.WithoutSignature(), AuthenticationAssertions.BadSignature);
    }

    [Fact]
    public async Task An_issuer_outage_costs_callers_nothing_for_a_day()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        await broker.Issuer.StopAsync();
        for (var hours = 0; hours < 23; hours++)
            clock.Advance(TimeSpan.FromHours(1));
        clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        await broker.IsServedAsync(broker.Issuer.Sign());
        Assert.Equal("the keys of all issuers are available", (await broker.ReadinessAsync()).Issuers);

        clock.Advance(TimeSpan.FromTicks(1));
        await broker.IsUnavailableAsync(broker.Issuer.Sign());
        Assert.Equal((HttpStatusCode.OK, "degraded", "no keys for: sandbox"), await broker.ReadinessAsync());

        await broker.Issuer.RestartAsync(newKeys: true);
        await broker.AdvanceUntilReachedAsync();
        await broker.IsServedAsync(broker.Issuer.Sign());
    }

    [Theory]
    [InlineData(SandboxIssuerFault.Down, SandboxIssuerFault.None)]
    [InlineData(SandboxIssuerFault.ServerError, SandboxIssuerFault.None)]
    [InlineData(SandboxIssuerFault.Redirect, SandboxIssuerFault.None)]
    [InlineData(SandboxIssuerFault.Oversized, SandboxIssuerFault.None)]
    [InlineData(SandboxIssuerFault.WrongIssuer, SandboxIssuerFault.None)]
    [InlineData(SandboxIssuerFault.None, SandboxIssuerFault.Down)]
    [InlineData(SandboxIssuerFault.None, SandboxIssuerFault.ServerError)]
    [InlineData(SandboxIssuerFault.None, SandboxIssuerFault.Redirect)]
    [InlineData(SandboxIssuerFault.None, SandboxIssuerFault.Oversized)]
    public async Task An_answer_of_no_use_is_a_failure_that_the_next_good_one_ends(SandboxIssuerFault discovery, SandboxIssuerFault keys)
    {
        await using var faulty = await IssuerSettings.StartAnotherAsync(clock);
        faulty.DiscoveryFault = discovery;
        faulty.KeysFault = keys;
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration.SetDiscovered("faulty", faulty), clock);
        await broker.IsUnavailableAsync(faulty.Sign());
        await broker.IsUnavailableAsync(faulty.Sign(new { iss = faulty.Issuer }));
        Assert.Equal((HttpStatusCode.OK, "degraded", "no keys for: faulty"), await broker.ReadinessAsync());

        faulty.Fail(SandboxIssuerFault.None);
        await clock.PauseAsync(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.IsTrueAsync(async () => (await broker.ReadinessAsync()).Status == "ok", "the keys were fetched");
        await broker.IsServedAsync(faulty.Sign());
    }

    [Fact]
    public async Task An_answer_of_no_use_does_not_take_good_keys_away()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        broker.Issuer.DiscoveryFault = SandboxIssuerFault.WrongIssuer;
        await clock.AdvanceToNextFetchAsync();
        await Eventually.IsTrueAsync(
            () => broker.Logs.Text.Contains("its keys cannot be fetched", StringComparison.Ordinal),
            "a fetch failed");
        await broker.IsServedAsync(broker.Issuer.Sign());
        Assert.Equal("ok", (await broker.ReadinessAsync()).Status);
    }
}
