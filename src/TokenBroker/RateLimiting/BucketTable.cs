namespace TokenBroker.RateLimiting;

/// <summary>
/// Token buckets, one for each key. A bucket is kept as the time at which it will be full again, so nothing runs while nobody asks, and
/// one that is full is as good as forgotten. Bounded: when there is no more room, those that are nearest to full are forgotten first.
/// </summary>
// The framework's limiters read the system's clock, and its partitioned one drops none that is in use.
internal sealed class BucketTable
{
    private const int ShardCount = 64;

    private readonly Shard[] shards = new Shard[ShardCount];
    private readonly TimeProvider clock;
    private readonly long started;

    /// <summary>No bucket yet.</summary>
    /// <param name="size">The size of each.</param>
    /// <param name="clock">The clock that fills them, by its monotonic side.</param>
    /// <param name="capacity">How many may be other than full.</param>
    public BucketTable(BucketSize size, TimeProvider clock, int capacity = 100_000)
    {
        this.clock = clock;
        started = clock.GetTimestamp();
        for (var index = 0; index < ShardCount; index++)
            shards[index] = new Shard(size, Math.Max(1, capacity / ShardCount));
    }

    /// <summary>How many buckets are kept.</summary>
    public int Count => shards.Sum(shard => shard.Count);

    /// <summary>Takes a token from the key's bucket if there is one.</summary>
    public Bucket Take(BucketKey key) => ShardOf(key).Take(key, Now);

    /// <summary>Takes a token from the key's bucket also where there is none: the next ones that come are taken already.</summary>
    public void Charge(BucketKey key) => ShardOf(key).Charge(key, Now);

    /// <summary>Puts back a token that was not needed.</summary>
    public void GiveBack(BucketKey key) => ShardOf(key).GiveBack(key);

    private long Now => clock.GetElapsedTime(started).Ticks;

    private Shard ShardOf(BucketKey key) => shards[(uint)key.GetHashCode() % ShardCount];

    // A lock for each, so that making room holds up a small part of the callers, and for a moment.
    private sealed class Shard(BucketSize size, int capacity)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<BucketKey, long> fullAt = [];

        public int Count
        {
            get
            {
                lock (gate)
                    return fullAt.Count;
            }
        }

        public Bucket Take(BucketKey key, long now)
        {
            lock (gate)
            {
                var isKnown = fullAt.TryGetValue(key, out var full);
                var missing = Math.Max(0, full - now);
                var isTaken = missing <= size.TicksToFill - size.TicksPerToken;
                if (isTaken)
                {
                    missing += size.TicksPerToken;
                    Keep(key, isKnown, now, missing);
                }

                // A token that has not come as a whole does not count. Where more was taken than there was, that comes first.
                var left = Math.Max(0, (size.TicksToFill - missing) / size.TicksPerToken);
                var next = left > 0 ? ((missing - 1) % size.TicksPerToken) + 1 : missing - (size.TicksToFill - size.TicksPerToken);
                return new Bucket(isTaken, left, TimeSpan.FromTicks(next));
            }
        }

        public void Charge(BucketKey key, long now)
        {
            lock (gate)
            {
                var isKnown = fullAt.TryGetValue(key, out var full);
                Keep(key, isKnown, now, Math.Max(0, full - now) + size.TicksPerToken);
            }
        }

        public void GiveBack(BucketKey key)
        {
            lock (gate)
            {
                if (fullAt.TryGetValue(key, out var full))
                    fullAt[key] = full - size.TicksPerToken;
            }
        }

        private void Keep(BucketKey key, bool isKnown, long now, long missing)
        {
            if (!isKnown && fullAt.Count >= capacity)
                MakeRoom(now);
            fullAt[key] = now + missing;
        }

        // A quarter at once, so that it is not done for every new key.
        private void MakeRoom(long now)
        {
            foreach (var key in fullAt.Where(bucket => bucket.Value <= now).Select(bucket => bucket.Key).ToList())
                fullAt.Remove(key);
            foreach (var bucket in fullAt.OrderBy(bucket => bucket.Value).Take(fullAt.Count - (capacity * 3 / 4)).ToList())
                fullAt.Remove(bucket.Key);
        }
    }
}
