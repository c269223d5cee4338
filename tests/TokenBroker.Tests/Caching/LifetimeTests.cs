using TokenBroker.Failures;

namespace TokenBroker.Tests.Caching;

public sealed class LifetimeTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Before_the_refresh_window_the_same_secret_is_handed_out()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(40 * Minute);
        Assert.Equal("1", (await cache.GetAsync()).Secret?.Value);
        await cache.WhenIdleAsync();
        Assert.Equal(1, cache.Mints);
    }

    [Fact]
    public async Task In_the_refresh_window_the_first_request_starts_a_refresh_and_waits_for_nothing()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(41 * Minute);
        var gate = new TaskCompletionSource();
        cache.Gate = gate.Task;
        for (var index = 0; index < 100; index++)
            Assert.Equal(("1", true), (await cache.GetAsync()) is { IsHit: var isHit, Secret.Value: var value } ? (value, isHit) : default);
        gate.SetResult();
        await cache.WhenIdleAsync();
        Assert.Equal("2", (await cache.GetAsync()).Secret?.Value);
        Assert.Equal(2, cache.Mints);
    }

    [Fact]
    public async Task Unused_tokens_are_not_refreshed()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(TimeSpan.FromHours(2));
        await cache.WhenIdleAsync();
        Assert.Equal(1, cache.Mints);
    }

    [Fact]
    public async Task Below_the_minimum_a_caller_waits_for_a_new_secret()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(51 * Minute);
        var answer = await cache.GetAsync();
        Assert.Equal("2", answer.Secret?.Value);
        Assert.False(answer.IsHit);
    }

    [Fact]
    public async Task A_refresh_without_a_longer_token_pauses_for_five_minutes()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(41 * Minute);
        cache.Life = 19 * Minute;
        foreach (var (pause, mints) in new[] { (0, 2), (1, 2), (3, 2), (1, 3) })
        {
            cache.Clock.Advance(pause * Minute);
            cache.Life = TimeSpan.FromMinutes(1);
            Assert.Equal("1", (await cache.GetAsync()).Secret?.Value);
            await cache.WhenIdleAsync();
            Assert.Equal(mints, cache.Mints);
        }
    }

    [Fact]
    public async Task A_caller_that_wants_more_life_gets_a_new_secret()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(20 * Minute);
        Assert.Equal("1", (await cache.GetAsync(wanted: 40 * Minute)).Secret?.Value);
        Assert.Equal("2", (await cache.GetAsync(wanted: 45 * Minute)).Secret?.Value);
        Assert.Equal("2", (await cache.GetAsync(wanted: TimeSpan.Zero)).Secret?.Value);
    }

    [Fact]
    public async Task What_falls_short_of_a_wish_is_handed_out_and_not_minted_again_for_a_minute()
    {
        await using var cache = new CacheFixture { Life = 5 * Minute };
        var first = await cache.GetAsync(wanted: 45 * Minute);
        Assert.Equal("1", first.Secret?.Value);
        cache.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("1", (await cache.GetAsync(wanted: 45 * Minute)).Secret?.Value);
        Assert.Equal("1", (await cache.GetAsync()).Secret?.Value);
        cache.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("2", (await cache.GetAsync(wanted: 45 * Minute)).Secret?.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public async Task A_secret_that_has_expired_already_is_never_passed_on(int seconds)
    {
        await using var cache = new CacheFixture { Life = TimeSpan.FromSeconds(seconds) };
        var answer = await cache.GetAsync();
        Assert.Null(answer.Secret);
        Assert.Equal(FailureKinds.UselessToken, answer.Failure?.Kind);
    }

    [Fact]
    public async Task A_dropped_secret_is_made_anew()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Drop("key");
        Assert.Equal("2", (await cache.GetAsync()).Secret?.Value);
    }
}
