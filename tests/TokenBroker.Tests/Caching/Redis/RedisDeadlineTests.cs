using TokenBroker.Caching.Redis;

namespace TokenBroker.Tests.Caching.Redis;

/// <summary>How long a request waits for Redis, by a clock that moves one look at a time and a backlog that the test sets.</summary>
public sealed class RedisDeadlineTests
{
    private const int Idle = 0;
    private const int Busy = 16;
    private const int LooksInWhole = 20;

    private readonly ManualClock clock = new();
    private readonly RedisDeadline.Backlog backlog;
    private long pending = Idle;
    private int looks;
    private int commands;

    public RedisDeadlineTests() => backlog = new RedisDeadline.Backlog(clock, () =>
    {
        Interlocked.Increment(ref looks);
        return Interlocked.Read(ref pending);
    });

    [Fact]
    public async Task An_answer_is_returned_whenever_it_comes()
    {
        var answer = new TaskCompletionSource<int>();
        var running = RunAsync(new RedisDeadline(clock), answer.Task);
        await LookAsync(running, 10);
        answer.SetResult(7);
        Assert.Equal(7, await running);
    }

    [Fact]
    public async Task An_idle_process_gives_up_after_half_a_second()
    {
        var running = RunAsync(new RedisDeadline(clock));
        await LookAsync(running, LooksInWhole - 1);
        Assert.False(running.IsCompleted);
        await LookAsync(running, 1);
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task A_process_with_a_backlog_waits_until_it_was_idle_for_three_looks()
    {
        pending = Busy;
        var running = RunAsync(new RedisDeadline(clock));
        await LookAsync(running, 3 * LooksInWhole);
        pending = Idle;
        await LookAsync(running, 2);
        pending = Busy;
        await LookAsync(running, 1);
        pending = Idle;
        await LookAsync(running, 2);
        Assert.False(running.IsCompleted);
        await LookAsync(running, 1);
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task No_backlog_excuses_Redis_for_more_than_eight_seconds()
    {
        pending = Busy;
        var running = RunAsync(new RedisDeadline(clock));
        await LookAsync(running, 320);
        Assert.False(running.IsCompleted);
        await LookAsync(running, 1);
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Theory]
    [InlineData(Idle, 8, "idle time counts")]
    [InlineData(Busy, LooksInWhole, "time with a backlog does not count")]
    public async Task The_commands_of_a_request_share_its_half_second(int pendingBefore, int looksLeft, string why)
    {
        pending = pendingBefore;
        var deadline = new RedisDeadline(clock);
        var first = new TaskCompletionSource<int>();
        var running = RunAsync(deadline, first.Task);
        await LookAsync(running, LooksInWhole - 8);
        first.SetResult(1);
        await running;

        pending = Idle;
        var second = RunAsync(deadline);
        await LookAsync(second, looksLeft - 1);
        Assert.False(second.IsCompleted, why);
        await LookAsync(second, 1);
        await Assert.ThrowsAsync<TimeoutException>(() => second);

        var before = commands;
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(deadline));
        Assert.Equal(before, commands);
    }

    [Theory]
    [InlineData(true, true, 10, "it has waited, and Redis is silent")]
    [InlineData(true, false, LooksInWhole, "Redis answers others")]
    [InlineData(false, true, LooksInWhole, "it has not waited before")]
    public async Task A_request_that_has_waited_gives_up_on_silence_sooner(bool hasWaited, bool isSilent, int looksNeeded, string why)
    {
        var running = RunAsync(new RedisDeadline(clock, hasWaited), isSilent: () => isSilent);
        await LookAsync(running, looksNeeded - 1);
        Assert.False(running.IsCompleted, why);
        await LookAsync(running, 1);
        await Assert.ThrowsAsync<TimeoutException>(() => running);
    }

    [Fact]
    public async Task A_canceled_request_waits_no_longer()
    {
        using var cancellation = new CancellationTokenSource();
        var running = RunAsync(new RedisDeadline(clock), cancellation: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task All_waiting_requests_share_one_look()
    {
        var first = backlog.IsIdleAsync();
        Assert.Same(first, backlog.IsIdleAsync());
        clock.Advance(RedisDeadline.Backlog.Interval);
        Assert.True(await first);
        Assert.Equal(1, looks);
        Assert.NotSame(first, backlog.IsIdleAsync());
    }

    private Task<int> RunAsync(
        RedisDeadline deadline, Task<int>? answer = null, Func<bool>? isSilent = null, CancellationToken cancellation = default) =>
        deadline.RunAsync(
            () =>
            {
                commands++;
                return answer ?? new TaskCompletionSource<int>().Task;
            },
            backlog,
            isSilent,
            cancellation);

    // A look ends on the thread pool. Once its result has been seen, the next look has set its timer, or the request has ended.
    private async Task LookAsync(Task request, int times)
    {
        for (var time = 0; time < times; time++)
        {
            clock.Advance(RedisDeadline.Backlog.Interval);
            while (!request.IsCompleted && clock.Waits.Count == 0)
                await Task.Yield();
        }
    }
}
