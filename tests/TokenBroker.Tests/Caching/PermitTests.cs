using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.Tests.Caching;

/// <summary>Who pays for a mint, and what those get who cannot.</summary>
public sealed class PermitTests
{
    [Fact]
    public async Task A_mint_is_charged_to_the_caller_that_starts_it_and_not_to_those_that_wait()
    {
        await using var cache = new CacheFixture();
        var gate = new TaskCompletionSource();
        cache.Gate = gate.Task;
        var (starter, waiter, poor) = (new Purse(1), new Purse(1), new Purse(0));
        var first = cache.GetAsync(permit: starter.Permit);
        var others = Enumerable.Range(0, 50)
            .SelectMany(_ => new[] { waiter, poor })
            .Select(purse => cache.GetAsync(permit: purse.Permit))
            .ToList();
        gate.SetResult();
        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal("1", answer.Secret?.Value));
        Assert.Equal((0, 1), (starter.Left, waiter.Left));
    }

    [Fact]
    public async Task Many_that_start_at_once_pay_once()
    {
        await using var cache = new CacheFixture();
        var purse = new Purse(1000);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => Task.Run(() => cache.GetAsync(permit: purse.Permit))));
        Assert.Equal((1, 999), (cache.Mints, purse.Left));
    }

    [Fact]
    public async Task A_caller_that_cannot_pay_starts_nothing_and_the_next_one_does()
    {
        await using var cache = new CacheFixture();
        Assert.Equal(FailureKinds.TooManyGitHubRequests, (await cache.GetAsync(permit: new Purse(0).Permit)).Failure?.Kind);
        Assert.Equal(0, cache.Mints);
        Assert.Equal("1", (await cache.GetAsync(permit: new Purse(1).Permit)).Secret?.Value);
        Assert.True((await cache.GetAsync(permit: new Purse(0).Permit)).IsHit);
    }

    /// <summary>As when GitHub cannot be asked: a short token is better than none.</summary>
    [Fact]
    public async Task A_caller_that_cannot_pay_gets_a_token_that_is_still_valid()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(TimeSpan.FromMinutes(58));
        Assert.Equal("1", (await cache.GetAsync(permit: new Purse(0).Permit)).Secret?.Value);
        cache.Clock.Advance(TimeSpan.FromMinutes(1.5));
        Assert.Null((await cache.GetAsync(permit: new Purse(0).Permit)).Secret);
    }

    [Fact]
    public async Task What_is_cached_or_refreshed_in_the_background_costs_nothing()
    {
        await using var cache = new CacheFixture();
        await cache.GetAsync();
        cache.Clock.Advance(TimeSpan.FromMinutes(45));
        Assert.True((await cache.GetAsync(permit: new Purse(0).Permit)).IsHit);
        await cache.WhenIdleAsync();
        Assert.Equal(2, cache.Mints);
    }

    [Fact]
    public async Task A_failed_mint_is_charged_and_its_remembered_failure_is_free()
    {
        await using var cache = new CacheFixture { Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable) };
        var purse = new Purse(5);
        for (var time = 0; time < 5; time++)
            Assert.Equal(FailureKinds.GitHubUnavailable, (await cache.GetAsync(permit: purse.Permit)).Failure?.Kind);
        Assert.Equal((1, 4), (cache.Mints, purse.Left));
    }

    /// <summary>A limit of GitHub's is remembered by credential, not by key: each mint is told of it without a request.</summary>
    [Fact]
    public async Task What_the_credentials_memory_answers_costs_nothing()
    {
        await using var cache = new CacheFixture
        {
            Fault = CacheFixture.Failing(FailureKinds.RateLimited, TimeSpan.FromMinutes(1)),
            AsksGitHub = false,
        };
        var purse = new Purse(1);
        for (var time = 0; time < 5; time++)
            Assert.Equal(FailureKinds.RateLimited, (await cache.GetAsync(permit: purse.Permit)).Failure?.Kind);
        Assert.Equal(1, purse.Left);
    }

    private sealed class Purse(int left)
    {
        private int left = left;

        public int Left => left;

        public StartPermit Permit => new(Take, () => Interlocked.Increment(ref left), () => Interlocked.Decrement(ref left));

        private Failure? Take()
        {
            if (Interlocked.Decrement(ref left) >= 0)
                return null;
            Interlocked.Increment(ref left);
            return new Failure(FailureKinds.TooManyGitHubRequests, "as the test wants");
        }
    }
}
