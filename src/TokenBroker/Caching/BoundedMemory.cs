using System.Collections.Concurrent;

namespace TokenBroker.Caching;

/// <summary>
/// Values that are kept for a while, by the monotonic clock, and for a bounded number of keys. A new value is always kept: the least
/// recently used ones make room.
/// </summary>
/// <param name="clock">The clock of the durations.</param>
/// <param name="capacity">The most keys; a twentieth is evicted at a time.</param>
/// <param name="forgotten">Called with <c>capacity</c> or <c>expired</c> for each key that is dropped; null for none.</param>
// Not MemoryCache: at its size limit it refuses new entries, it goes by the wall clock, and enumerating it counts as use.
internal sealed class BoundedMemory<T>(TimeProvider clock, int capacity, Action<string>? forgotten = null)
    where T : class
{
    private static readonly TimeSpan TidyInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Lock tidying = new();
    private long tidied = clock.GetTimestamp();
    private long uses;

    /// <summary>How many keys are stored, including expired ones.</summary>
    public int Count => entries.Count;

    /// <summary>All values that have not expired. Enumerating them does not count as use.</summary>
    public IEnumerable<(string Key, T Value)> All =>
        entries.Where(entry => LeftOf(entry.Value) > TimeSpan.Zero).Select(entry => (entry.Key, entry.Value.Value));

    /// <summary>The value of a key; null if there is none.</summary>
    public T? Recall(string key) => Recall(key, out _);

    /// <summary>The value of a key and how much longer it is kept; null if there is none.</summary>
    public T? Recall(string key, out TimeSpan left)
    {
        var entry = entries.GetValueOrDefault(key);
        left = entry is null ? TimeSpan.Zero : LeftOf(entry);
        if (entry is null || left == TimeSpan.Zero)
            return null;
        entry.LastUse = Interlocked.Increment(ref uses);
        return entry.Value;
    }

    /// <summary>Stores a value, replacing an older one.</summary>
    public void Remember(string key, T value, TimeSpan duration)
    {
        if (IsUntidy)
            Tidy();
        entries[key] = new Entry(value, clock.GetTimestamp(), duration) { LastUse = Interlocked.Increment(ref uses) };
    }

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

    private TimeSpan LeftOf(Entry entry)
    {
        var age = clock.GetElapsedTime(entry.Since);
        return age < entry.Duration ? entry.Duration - age : TimeSpan.Zero;
    }

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
