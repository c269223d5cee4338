using TokenBroker.Failures;

namespace TokenBroker.Tests.Caching;

public sealed class SharingTests
{
    [Fact]
    public async Task Many_callers_at_once_cause_one_mint()
    {
        await using var cache = new CacheFixture();
        var gate = new TaskCompletionSource();
        cache.Gate = gate.Task;
        var callers = Enumerable.Range(0, 500).Select(_ => Task.Run(() => cache.GetAsync())).ToList();
        gate.SetResult();
        var answers = await Task.WhenAll(callers);
        Assert.Equal(1, cache.Mints);
        Assert.All(answers, answer => Assert.Equal("1", answer.Secret?.Value));
        Assert.Contains(answers, answer => !answer.IsHit);
        Assert.True((await cache.GetAsync()).IsHit);
    }

    [Fact]
    public async Task Keys_are_independent()
    {
        await using var cache = new CacheFixture();
        Assert.Equal("1", (await cache.GetAsync("a")).Secret?.Value);
        Assert.Equal("2", (await cache.GetAsync("b")).Secret?.Value);
        Assert.Equal("1", (await cache.GetAsync("a")).Secret?.Value);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_mint_to_the_others()
    {
        await using var cache = new CacheFixture();
        var gate = new TaskCompletionSource();
        cache.Gate = gate.Task;
        using var cancellation = new CancellationTokenSource();
        var first = cache.GetAsync(cancelled: cancellation.Token);
        var second = cache.GetAsync();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal("1", (await second).Secret?.Value);
        Assert.Equal(1, cache.Mints);
    }

    [Fact]
    public async Task A_caller_whose_deadline_passes_gets_Retry_After_and_the_mint_goes_on()
    {
        await using var cache = new CacheFixture();
        var gate = new TaskCompletionSource();
        cache.Gate = gate.Task;
        var waiting = cache.GetAsync(patience: TimeSpan.FromSeconds(3));
        cache.Clock.Advance(TimeSpan.FromSeconds(4));
        var answer = await waiting;
        Assert.Equal(FailureKinds.TimedOut, answer.Failure?.Kind);
        Assert.NotNull(answer.Failure?.RetryAfter);
        gate.SetResult();
        await cache.WhenIdleAsync();
        Assert.True((await cache.GetAsync()).IsHit);
        Assert.Equal(1, cache.Mints);
    }

    [Fact]
    public async Task A_mint_that_never_ends_has_its_own_deadline()
    {
        await using var cache = new CacheFixture { Gate = new TaskCompletionSource().Task };
        var waiting = cache.GetAsync();
        var answer = await cache.Clock.RunUntilAsync(waiting);
        Assert.Equal(FailureKinds.GitHubUnavailable, answer.Failure?.Kind);
        Assert.Equal(503, answer.Failure?.Kind.Status);
    }

    [Fact]
    public async Task With_more_keys_than_it_holds_it_forgets_some_and_serves_all()
    {
        await using var cache = new CacheFixture(capacity: 100);
        for (var index = 0; index < 1000; index++)
        {
            Assert.NotNull((await cache.GetAsync("key " + index)).Secret);
            Assert.InRange(cache.Count, 0, 100);
        }
    }
}
