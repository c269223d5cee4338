namespace TokenBroker.Caching.Redis;

/// <summary>How long one request waits for Redis' own answers: half a second in all, then Redis is passed over for it.</summary>
internal sealed class RedisBudget(TimeProvider clock)
{
    public static readonly TimeSpan Whole = TimeSpan.FromMilliseconds(500);

    private TimeSpan left = Whole;

    /// <summary>Whether so little is left that running out of it says nothing about Redis.</summary>
    public bool IsShort => left < Whole / 2;

    /// <summary>Waits for an answer and takes the time from the budget; throws <see cref="TimeoutException"/> when it is used up.</summary>
    public async Task<T> SpendAsync<T>(Func<Task<T>> command, CancellationToken cancellation)
    {
        if (left <= TimeSpan.Zero)
            throw new TimeoutException();
        var started = clock.GetTimestamp();
        try
        {
            return await command().WaitAsync(left, clock, cancellation);
        }
        finally
        {
            left -= clock.GetElapsedTime(started);
        }
    }
}
