using TokenBroker.Failures;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>Whose turn it is to ask GitHub.</summary>
public sealed class RequestQueueTests
{
    private readonly List<string> order = [];

    [Fact]
    public async Task One_owners_thousand_requests_cost_another_one_turn()
    {
        var queue = new RequestQueue(1);
        using var running = await EnterAsync(queue, "a");
        var many = Enumerable.Range(0, 1000).Select(_ => EnterAsync(queue, "a")).ToList();
        var other = EnterAsync(queue, "b");
        Assert.Equal(1001, queue.Waiting);

        running.Dispose();
        var first = await await Task.WhenAny(many.Append(other));
        Assert.False(other.IsCompleted);
        first.Dispose();
        (await other.WaitAsync(Bound, TimeProvider.System)).Dispose();
        Assert.True(many.Count(task => task.IsCompleted) <= 2, "More than one turn went by.");
        await DrainAsync(many);
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task Reads_leave_a_fourth_of_the_slots_to_tokens()
    {
        var queue = new RequestQueue(20);
        var reads = Enumerable.Range(0, 100).Select(_ => EnterAsync(queue, "a", yields: true)).ToList();
        Assert.Equal(85, queue.Waiting);
        var mints = Enumerable.Range(0, 5).Select(_ => EnterAsync(queue, "b")).ToList();
        Assert.Equal(85, queue.Waiting);
        var late = EnterAsync(queue, "b");
        Assert.Equal(86, queue.Waiting);

        // The next slot that anybody leaves is the token's.
        (await reads[0]).Dispose();
        Assert.Equal(85, queue.Waiting);
        (await late.WaitAsync(Bound, TimeProvider.System)).Dispose();
        await DrainAsync([.. reads.Skip(1), .. mints]);
    }

    [Fact]
    public async Task Tokens_go_first_and_every_fourth_turn_is_a_reads()
    {
        var queue = new RequestQueue(1);
        var running = await EnterAsync(queue, "a", yields: true);
        var all = new List<Task>();
        for (var number = 0; number < 8; number++)
        {
            all.Add(PassAsync(queue, "a", yields: true));
            all.Add(PassAsync(queue, "a", yields: false));
        }

        running.Dispose();
        await Task.WhenAll(all).WaitAsync(Bound, TimeProvider.System);
        Assert.Equal("token token token read token token token read token token read read read read read read", string.Join(' ', order));
    }

    [Fact]
    public async Task Too_many_waiting_reads_are_refused_at_once_and_tokens_never()
    {
        var queue = new RequestQueue(2);
        var waiting = new List<Task<IDisposable>> { EnterAsync(queue, "busy", yields: true) };
        for (var number = 0; number < 20; number++)
            waiting.Add(EnterAsync(queue, "a", yields: true));
        await RefusedAsync("a");

        // Another owner has a share of its own, until all together are too many.
        for (var owner = 0; owner < 4; owner++)
        {
            for (var number = 0; number < 20; number++)
                waiting.Add(EnterAsync(queue, "owner " + owner, yields: true));
        }

        Assert.Equal(100, queue.Waiting);
        await RefusedAsync("somebody else");
        for (var number = 0; number < 1000; number++)
            waiting.Add(EnterAsync(queue, "a"));
        await DrainAsync(waiting);
        Assert.Equal(0, queue.Waiting);
        (await EnterAsync(queue, "a", yields: true)).Dispose();

        async Task RefusedAsync(string owner)
        {
            var refused = await Assert.ThrowsAsync<FailureException>(() => EnterAsync(queue, owner, yields: true));
            Assert.Equal(FailureKinds.Overloaded, refused.Failure.Kind);
        }
    }

    [Fact]
    public async Task A_canceled_request_leaves_the_queue()
    {
        var queue = new RequestQueue(1);
        var running = await EnterAsync(queue, "a");
        using var cancellation = new CancellationTokenSource();
        var lost = Enumerable.Range(0, 500)
            .Select(number => queue.EnterAsync("owner " + (number % 7), number % 10 == 0, cancellation.Token))
            .ToList();
        var next = EnterAsync(queue, "b");
        await cancellation.CancelAsync();
        Assert.Equal(1, queue.Waiting);
        foreach (var task in lost)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(Bound, TimeProvider.System));
        running.Dispose();
        (await next.WaitAsync(Bound, TimeProvider.System)).Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.EnterAsync("a", yields: false, cancellation.Token));
        (await EnterAsync(queue, "a")).Dispose();
    }

    [Fact]
    public async Task A_slot_is_left_once()
    {
        var queue = new RequestQueue(1);
        var slot = await EnterAsync(queue, "a");
        slot.Dispose();
        slot.Dispose();
        using var running = await EnterAsync(queue, "a");
        var waiting = EnterAsync(queue, "a");
        Assert.Equal(1, queue.Waiting);
        running.Dispose();
        (await waiting).Dispose();
    }

    /// <summary>
    /// Thousands of requests from many threads, a third of which give up: never more at once than there are slots, and none is lost.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(20)]
    public async Task No_slot_is_lost(int slots)
    {
        var queue = new RequestQueue(slots);
        var (running, runningReads, most, mostReads, served) = (0, 0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 5_000).Select(seed => Task.Run(() => RunAsync(seed)))).WaitAsync(Bound, TimeProvider.System);
        Assert.Equal(0, queue.Waiting);
        Assert.InRange(most, 1, slots);
        Assert.InRange(mostReads, 1, Math.Max(1, slots - Math.Max(1, slots / 4)));
        Assert.True(served > 1_000, $"Only {served} were served.");

        // All slots are there again.
        var all = Enumerable.Range(0, slots).Select(_ => EnterAsync(queue, "last")).ToList();
        Assert.All(all, task => Assert.True(task.IsCompletedSuccessfully));
        Assert.False(EnterAsync(queue, "last").IsCompleted);

        async Task RunAsync(int seed)
        {
            var random = new Random(seed);
            var yields = random.Next(2) == 0;
            using var cancellation = new CancellationTokenSource();
            var entering = queue.EnterAsync("owner " + random.Next(9), yields, cancellation.Token);
            if (random.Next(3) == 0)
            {
                await Task.Yield();
                await cancellation.CancelAsync();
            }

            try
            {
                using var slot = await entering;
                Raise(ref most, Interlocked.Increment(ref running));
                if (yields)
                    Raise(ref mostReads, Interlocked.Increment(ref runningReads));
                await Task.Yield();
                if (yields)
                    Interlocked.Decrement(ref runningReads);
                Interlocked.Decrement(ref running);
                Interlocked.Increment(ref served);
            }
            catch (OperationCanceledException)
            {
            }
            catch (FailureException exception) when (yields && exception.Failure.Kind == FailureKinds.Overloaded)
            {
            }
        }
    }

    private static TimeSpan Bound => TimeSpan.FromSeconds(60);

    private static void Raise(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }

    private static Task<IDisposable> EnterAsync(RequestQueue queue, string owner, bool yields = false) =>
        queue.EnterAsync(owner, yields, CancellationToken.None);

    private static async Task DrainAsync(IEnumerable<Task<IDisposable>> waiting) =>
        await Task.WhenAll(waiting.Select(async task => (await task).Dispose())).WaitAsync(Bound, TimeProvider.System);

    private async Task PassAsync(RequestQueue queue, string owner, bool yields)
    {
        using var slot = await EnterAsync(queue, owner, yields);
        lock (order)
            order.Add(yields ? "read" : "token");
    }
}
