using System.Net;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>The time between start and the first answer of an issuer that swallows whatever it is sent.</summary>
public sealed class FirstFetchTests
{
    private readonly ManualClock clock = new();

    [Fact]
    public async Task A_silent_issuer_delays_its_own_callers_for_two_seconds_and_no_others()
    {
        await using var silent = await StartSilentAsync();
        await using var broker = await StartAsync(silent);
        var waiting = broker.PostJwtAsync(silent.Sign());
        await Eventually.IsTrueAsync(() => clock.Waits.Contains(TimeSpan.FromSeconds(2)), "the caller waited");
        await broker.IsServedAsync(broker.Issuer.Sign());

        clock.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));
        using var response = await waiting;
        await AuthenticationAssertions.IsUnavailabilityAsync(response);
        await broker.IsServedAsync(broker.Issuer.Sign());
    }

    [Fact]
    public async Task A_waiting_caller_is_answered_as_soon_as_the_first_fetch_ends()
    {
        await using var silent = await StartSilentAsync();
        await using var broker = await StartAsync(silent);
        var waiting = broker.PostJwtAsync(silent.Sign());
        await Eventually.IsTrueAsync(() => clock.Waits.Contains(TimeSpan.FromSeconds(2)), "the caller waited");

        // The connection is cut, which ends the fetch; the clock has not moved.
        await silent.StopAsync();
        using var response = await waiting;
        await AuthenticationAssertions.IsUnavailabilityAsync(response);
    }

    [Fact]
    public async Task The_broker_is_ready_five_seconds_after_start_whatever_an_issuer_does()
    {
        await using var silent = await StartSilentAsync();
        await using var broker = await StartAsync(silent);
        await broker.IsServedAsync(broker.Issuer.Sign());
        clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await broker.ReadinessAsync()).Code);

        clock.Advance(TimeSpan.FromTicks(1));
        await Eventually.IsTrueAsync(async () => (await broker.ReadinessAsync()).Code == HttpStatusCode.OK, "the broker got ready");
        Assert.Equal((HttpStatusCode.OK, "degraded", "no keys for: silent"), await broker.ReadinessAsync());
        await broker.IsUnavailableAsync(silent.Sign());
        await broker.IsServedAsync(broker.Issuer.Sign());
    }

    [Fact]
    public async Task A_silent_issuer_that_finds_its_voice_is_served()
    {
        await using var silent = await StartSilentAsync();
        await using var broker = await StartAsync(silent);
        clock.Advance(TimeSpan.FromSeconds(5));
        await Eventually.IsTrueAsync(async () => (await broker.ReadinessAsync()).Code == HttpStatusCode.OK, "the broker got ready");
        silent.Fail(SandboxIssuerFault.None);
        await clock.PauseAsync(TimeSpan.FromSeconds(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.IsTrueAsync(async () => (await broker.ReadinessAsync()).Status == "ok", "all keys were there");
        await broker.IsServedAsync(silent.Sign());
    }

    private async Task<SandboxIssuer> StartSilentAsync()
    {
        var issuer = await IssuerSettings.StartAnotherAsync(clock);
        issuer.Fail(SandboxIssuerFault.Hang);
        return issuer;
    }

    private async Task<TestBroker> StartAsync(SandboxIssuer silent)
    {
        var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration.SetDiscovered("silent", silent),
            clock,
            waitUntilReady: false);
        await Eventually.IsTrueAsync(() => silent.DiscoveryFetches == 1, "the issuer was asked");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await broker.ReadinessAsync()).Code);
        return broker;
    }
}
