using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Authentication;

/// <summary>When keys are fetched again.</summary>
public sealed class FetchScheduleTests
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(13.5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(16.5);
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
            await WaitForPauseAsync(TimeSpan.FromSeconds(seconds));
            clock.Advance(TimeSpan.FromSeconds(seconds) - Tick);
            await WaitForPauseAsync(Tick);
            Assert.Equal(fetches, broker.Issuer.DiscoveryFetches);
            clock.Advance(Tick);
            fetches++;
            await Eventually.IsTrueAsync(() => broker.Issuer.DiscoveryFetches == fetches, "the fetch was repeated");
        }

        // Once it is mended it is as if it had never failed.
        broker.Issuer.Fail(SandboxIssuerFault.None);
        await WaitForPauseAsync(TimeSpan.FromSeconds(30));
        clock.Advance(TimeSpan.FromSeconds(30));
        await WaitForQuarterAsync();
        broker.Issuer.Fail(SandboxIssuerFault.ServerError);
        clock.Advance(Longest);
        await WaitForPauseAsync(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Good_keys_are_fetched_again_about_every_quarter_of_an_hour()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        for (var fetches = 1; fetches <= 5; fetches++)
        {
            await WaitForQuarterAsync();
            Assert.Equal((fetches, fetches), (broker.Issuer.DiscoveryFetches, broker.Issuer.KeyFetches));
            clock.Advance(Longest);
            await Eventually.IsTrueAsync(() => broker.Issuer.KeyFetches > fetches, "the keys were fetched again");
        }
    }

    [Fact]
    public async Task A_key_that_was_withdrawn_is_refused_after_the_next_round()
    {
        await using var broker = await TestBroker.StartAsync(clock: clock);
        var former = broker.Issuer.SigningKey;
        await WaitForQuarterAsync();
        broker.Issuer.RotateKeys();
        await broker.IsServedAsync(broker.Issuer.Sign(key: former));
        clock.Advance(Longest);
        await Eventually.IsTrueAsync(() => broker.Issuer.KeyFetches == 2, "the keys were fetched again");
        await WaitForQuarterAsync();
        await broker.IsRefusedAsync(broker.Issuer.Sign(key: former), Answers.BadSignature);
    }

    private Task WaitForPauseAsync(TimeSpan pause) => Eventually.IsTrueAsync(() => clock.Waits.Contains(pause), $"something waited for {pause}");

    private Task WaitForQuarterAsync() =>
        Eventually.IsTrueAsync(() => clock.Waits.Any(wait => wait >= Shortest && wait <= Longest), "the next round was a quarter of an hour away");
}
