namespace TokenBroker.RateLimiting;

/// <summary>How many tokens a bucket holds, and how fast it fills.</summary>
/// <param name="Count">The tokens in a full bucket.</param>
/// <param name="PerMinute">The tokens that it gets in a minute.</param>
internal sealed record BucketSize(int Count, int PerMinute)
{
    /// <summary>The ticks in which a token comes, rounded up: never more than is allowed.</summary>
    public long TicksPerToken { get; } = (TimeSpan.TicksPerMinute + PerMinute - 1) / PerMinute;

    /// <summary>The ticks in which an empty bucket fills.</summary>
    public long TicksToFill => Count * TicksPerToken;

    /// <summary>A size of so many times less, and of one at least.</summary>
    public BucketSize DividedBy(int times) => new(Math.Max(1, Count / times), Math.Max(1, PerMinute / times));
}
