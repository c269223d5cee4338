using System.Collections.Concurrent;

namespace TokenBroker.Caching;

/// <summary>
/// What holds for a while, by the monotonic clock, and for so many keys at most. A new one is always kept: what was used longest ago
/// makes room.
/// </summary>
/// <param name="clock">The clock of the durations.</param>
/// <param name="capacity">How many keys; a twentieth goes at once.</param>
/// <param name="forgotten">Called with <c>capacity</c> or <c>expired</c> when something is forgotten; null for nobody.</param>
// Not MemoryCache: with a size limit it refuses what is newest, it goes by the wall clock, and whoever looks through it uses it all.
internal sealed class BoundedMemory<T>(TimeProvider clock, int capacity, Action<string>? forgotten = null)
    where T : class
{
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Lock tidying = new();
    private long tidied = clock.GetTimestamp();
    private long uses;

    /// <summary>How many keys are there, some of which may have ended.</summary>
    public int Count => entries.Count;

    /// <summary>All that holds. Looking through it does not count as use.</summary>
    public IEnumerable<(string Key, T Value)> All => entries.Where(entry => LeftOf(entry.Value) > TimeSpan.Zero).Select(entry => (entry.Key, entry.Value.Value));

    /// <summary>What holds for the key; null if nothing.</summary>
    public T? Recall(string key) => Recall(key, out _);

    /// <summary>What holds for the key and for how long yet; null if nothing.</summary>
    public T? Recall(string key, out TimeSpan left)
    {
        var entry = entries.GetValueOrDefault(key);
        left = entry is null ? TimeSpan.Zero : LeftOf(entry);
        if (entry is null || left == TimeSpan.Zero)
            return null;
        entry.LastUse = Interlocked.Increment(ref uses);
        return entry.Value;
    }

    /// <summary>Has something hold from now on, in place of what held before.</summary>
    public void Remember(string key, T value, TimeSpan duration)
    {
        if (IsUntidy)
            Tidy();
        entries[key] = new Entry(value, clock.GetTimestamp(), duration) { LastUse = Interlocked.Increment(ref uses) };
    }

    /// <summary>Ends what holds for the key.</summary>
    public void Forget(string key) => entries.TryRemove(key, out _);

    private bool IsUntidy => entries.Count >= capacity || clock.GetElapsedTime(Interlocked.Read(ref tidied)) >= TidyInterval;

    private void Tidy()
    {
        lock (tidying)
        {
            if (!IsUntidy)
                return;
            Interlocked.Exchange(ref tidied, clock.GetTimestamp());
            Remove(entries.Where(entry => LeftOf(entry.Value) == TimeSpan.Zero), "expired");
            if (entries.Count >= capacity)
                Remove(entries.ToArray().OrderBy(entry => entry.Value.LastUse).Take(Math.Max(1, capacity / 20)), "capacity");
        }
    }

    private void Remove(IEnumerable<KeyValuePair<string, Entry>> some, string reason)
    {
        foreach (var entry in some)
        {
            if (entries.TryRemove(entry))
                forgotten?.Invoke(reason);
        }
    }

    private TimeSpan LeftOf(Entry entry) => clock.GetElapsedTime(entry.Since) is var age && age < entry.Duration ? entry.Duration - age : TimeSpan.Zero;

    private sealed class Entry(T value, long since, TimeSpan duration)
    {
        private long lastUse;

        public T Value => value;

        public long Since => since;

        public TimeSpan Duration => duration;

        public long LastUse
        {
            get => Interlocked.Read(ref lastUse);
            set => Interlocked.Exchange(ref lastUse, value);
        }
    }
}
