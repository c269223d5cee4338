using TokenBroker.Failures;

namespace TokenBroker.Tests.Caching;

public sealed class FailureTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_failure_is_remembered_for_two_seconds_doubling_to_thirty()
    {
        await using var cache = new CacheFixture { Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable) };
        var mints = 0;
        foreach (var pause in new[] { 2, 4, 8, 16, 30, 30 })
        {
            var answer = await cache.GetAsync();
            Assert.Equal(++mints, cache.Mints);
            Assert.Equal(TimeSpan.FromSeconds(pause), answer.Failure?.RetryAfter);

            cache.Clock.Advance(TimeSpan.FromSeconds(pause - 1));
            Assert.Equal(TimeSpan.FromSeconds(1), (await cache.GetAsync()).Failure?.RetryAfter);
            Assert.Equal(mints, cache.Mints);
            cache.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_success_ends_the_doubling()
    {
        await using var cache = new CacheFixture { Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable) };
        await cache.GetAsync();
        cache.Clock.Advance(TimeSpan.FromSeconds(2));
        await cache.GetAsync();
        cache.Clock.Advance(TimeSpan.FromSeconds(4));
        cache.Fault = null;
        Assert.NotNull((await cache.GetAsync()).Secret);
        cache.Clock.Advance(TimeSpan.FromHours(1));
        cache.Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable);
        Assert.Equal(TimeSpan.FromSeconds(2), (await cache.GetAsync()).Failure?.RetryAfter);
    }

    [Fact]
    public async Task A_failure_is_every_waiters_answer_and_no_other_keys()
    {
        await using var cache = new CacheFixture { Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable) };
        var gate = new TaskCompletionSource();
        cache.Gate = gate.Task;
        var waiters = Enumerable.Range(0, 50).Select(_ => cache.GetAsync()).ToList();
        gate.SetResult();
        Assert.All(await Task.WhenAll(waiters), answer => Assert.Equal(FailureKinds.GitHubUnavailable, answer.Failure?.Kind));
        Assert.Equal(1, cache.Mints);
        cache.Fault = null;
        Assert.NotNull((await cache.GetAsync("other")).Secret);
    }

    [Fact]
    public async Task While_a_secret_lives_it_is_handed_out_down_to_its_last_minute()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable);
        cache.Clock.Advance(55 * Minute);
        Assert.True((await cache.GetAsync()) is { Secret.Value: "1", IsHit: true });
        cache.Clock.Advance(4 * Minute);
        Assert.Equal("1", (await cache.GetAsync()).Secret?.Value);
        cache.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await cache.GetAsync()).Secret);
    }

    [Fact]
    public async Task A_failed_refresh_costs_callers_nothing_and_is_not_repeated_at_once()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable);
        cache.Clock.Advance(45 * Minute);
        for (var index = 0; index < 10; index++)
        {
            Assert.Equal("1", (await cache.GetAsync()).Secret?.Value);
            await cache.WhenIdleAsync();
        }

        Assert.Equal(2, cache.Mints);
    }

    [Fact]
    public async Task When_GitHub_says_no_the_secret_goes_and_the_no_is_remembered_for_a_minute()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(2 * Minute);
        cache.Fault = CacheFixture.Failing(FailureKinds.MissingPermission);
        Assert.Equal(FailureKinds.MissingPermission, (await cache.GetAsync(wanted: TimeSpan.FromMinutes(61))).Failure?.Kind);
        cache.Fault = null;
        var remembered = (await cache.GetAsync()).Failure;
        Assert.Equal(FailureKinds.MissingPermission, remembered?.Kind);
        Assert.Null(remembered?.RetryAfter);
        cache.Clock.Advance(Minute);
        Assert.Equal("3", (await cache.GetAsync()).Secret?.Value);
    }

    [Fact]
    public async Task A_limit_is_reported_with_its_own_time()
    {
        await using var cache = new CacheFixture { Fault = CacheFixture.Failing(FailureKinds.RateLimited, TimeSpan.FromMinutes(20)) };
        Assert.Equal(TimeSpan.FromMinutes(20), (await cache.GetAsync()).Failure?.RetryAfter);
    }

    [Fact]
    public async Task An_unforeseen_fault_is_answered_too()
    {
        await using var cache = new CacheFixture { Fault = new InvalidCastException("inner matters") };
        var answer = await cache.GetAsync();
        Assert.Equal(503, answer.Failure?.Kind.Status);
        Assert.DoesNotContain("inner", answer.Failure?.Detail, StringComparison.Ordinal);
        cache.Fault = null;
        cache.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotNull((await cache.GetAsync()).Secret);
    }
}
