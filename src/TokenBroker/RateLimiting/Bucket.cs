namespace TokenBroker.RateLimiting;

/// <summary>A bucket after somebody wanted a token of it.</summary>
/// <param name="IsTaken">Whether there was one.</param>
/// <param name="Left">How many are left.</param>
/// <param name="NextIn">How long it takes until there is one more.</param>
internal readonly record struct Bucket(bool IsTaken, long Left, TimeSpan NextIn)
{
    /// <summary>The same in whole seconds: who waits so long finds one.</summary>
    public long NextInSeconds => (long)Math.Ceiling(NextIn.TotalSeconds);
}
