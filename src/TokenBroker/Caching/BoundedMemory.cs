using Microsoft.Extensions.Caching.Memory;

namespace TokenBroker.Caching;

/// <summary>
/// What holds for a while, by the monotonic clock, and for so many keys at most. A new one is always kept: what was used longest ago
/// makes room.
/// </summary>
/// <param name="clock">The clock of the durations.</param>
/// <param name="capacity">How many keys; a twentieth goes at once, so at least 20.</param>
/// <param name="evicted">Called with the reason when something is forgotten; null for nobody.</param>
internal sealed class BoundedMemory<T>(TimeProvider clock, int capacity, PostEvictionDelegate? evicted = null) : IDisposable
    where T : class
{
    private const double Room = 0.05;

    // A size limit of its own would refuse the newest, and make room only afterwards.
    private readonly MemoryCache entries = new(new MemoryCacheOptions());

    /// <summary>How many keys are there, ended ones among them.</summary>
    public int Count => entries.Count;

    /// <summary>The keys that are there.</summary>
    public IEnumerable<string> Keys => entries.Keys.OfType<string>();

    /// <summary>What holds for the key; null if nothing.</summary>
    public T? Recall(string key) => Recall(key, out _);

    /// <summary>What holds for the key and for how long yet; null if nothing.</summary>
    public T? Recall(string key, out TimeSpan left)
    {
        var entry = entries.Get<Entry>(key);
        var unspent = entry is null ? TimeSpan.Zero : entry.Duration - clock.GetElapsedTime(entry.Since);
        left = unspent > TimeSpan.Zero ? unspent : TimeSpan.Zero;
        return left > TimeSpan.Zero ? entry!.Value : null;
    }

    /// <summary>Has something hold from now on, in place of what held before.</summary>
    public void Remember(string key, T value, TimeSpan duration)
    {
        if (entries.Count >= capacity)
            entries.Compact(Room);
        var options = new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = duration };
        if (evicted is not null)
            options.RegisterPostEvictionCallback(evicted);
        entries.Set(key, new Entry(value, clock.GetTimestamp(), duration), options);
    }

    /// <summary>Ends what holds for the key.</summary>
    public void Forget(string key) => entries.Remove(key);

    public void Dispose() => entries.Dispose();

    private sealed record Entry(T Value, long Since, TimeSpan Duration);
}
