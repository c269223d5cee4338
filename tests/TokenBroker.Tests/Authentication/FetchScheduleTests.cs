using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Authentication;

/// <summary>When keys are fetched again.</summary>
public sealed class FetchScheduleTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private readonly ManualClock clock = new();

    [Fact]
    public async Task A_failed_fetch_is_repeated_after_a_second_doubling_to_thirty()
    {
        await using var broker = await TestBroker.StartAsync((_, broker) => broker.Issuer.Fail(SandboxIssuerFault.ServerError), clock);
        var fetches = 1;
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30, 30 })
        {
            Assert.Equal(fetches, broker.Issuer.DiscoveryFetches);
            await clock.PauseAsync(TimeSpan.FromSeconds(seconds));
            clock.Advance(TimeSpan.FromSeconds(seconds) - Tick);
            await clock.PauseAsync(Tick);
            Assert.Equal(fetches, broker.Issuer.DiscoveryFetches);
            clock.Advance(Tick);
            fetches++;
            await Eventually.IsTrueAsync(() => broker.Issuer.DiscoveryFetches == fetches, "the fetch was repeated");
        }

        // Once it is mended it is as if it had never failed.
        broker.Issuer.Fail(SandboxIssuerFault.None);
        await clock.PauseAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(30));
        await clock.RestAsync();
        broker.Issuer.Fail(SandboxIssuerFault.ServerError);
        await clock.AdvanceToNextFetchAsync();
        await clock.PauseAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Good_keys_are_fetched_again_about_every_quarter_of_an_hour()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        for (var fetches = 1; fetches <= 5; fetches++)
        {
            await clock.RestAsync();
            Assert.Equal((fetches, fetches), (broker.Issuer.DiscoveryFetches, broker.Issuer.KeyFetches));
            await clock.AdvanceToNextFetchAsync();
            await Eventually.IsTrueAsync(() => broker.Issuer.KeyFetches > fetches, "the keys were fetched again");
        }
    }

    [Fact]
    public async Task A_key_that_was_withdrawn_is_refused_after_the_next_round()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        var former = broker.Issuer.SigningKey;
        await clock.RestAsync();
        broker.Issuer.RotateKeys();
        await broker.IsServedAsync(broker.Issuer.Sign(key: former));
        await clock.AdvanceToNextFetchAsync();
        await Eventually.IsTrueAsync(() => broker.Issuer.KeyFetches == 2, "the keys were fetched again");
        await clock.RestAsync();
        await broker.IsRefusedAsync(broker.Issuer.Sign(key: former), AuthenticationAssertions.BadSignature);
    }
}
