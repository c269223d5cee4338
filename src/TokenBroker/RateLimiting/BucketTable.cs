using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TokenBroker.Authentication;

namespace TokenBroker.RateLimiting;

/// <summary>
/// Token buckets, one per key. A bucket is stored as the time at which it will be full again, so nothing runs in the background and a full
/// bucket need not be stored. When space runs out, the fullest are evicted.
/// </summary>
// The framework's limiters read the system's clock, and its partitioned limiter is not bounded by count.
internal sealed class BucketTable
{
    private const int ShardCount = 64;

    private readonly Shard[] shards = new Shard[ShardCount];
    private readonly TimeProvider clock;
    private readonly long started;

    /// <summary>Creates an empty table.</summary>
    /// <param name="size">The size of each bucket.</param>
    /// <param name="clock">The clock that fills them, by its timestamps.</param>
    /// <param name="capacity">How many buckets may be stored.</param>
    public BucketTable(BucketSize size, TimeProvider clock, int capacity = 100_000)
    {
        this.clock = clock;
        started = clock.GetTimestamp();
        for (var index = 0; index < ShardCount; index++)
            shards[index] = new Shard(size, Math.Max(1, capacity / ShardCount));
    }

    /// <summary>How many buckets are stored.</summary>
    public int Count => shards.Sum(shard => shard.Count);

    /// <summary>Takes a token from the key's bucket if it holds one.</summary>
    public Bucket Take(BucketKey key) => ShardOf(key).Take(key, Now);

    /// <summary>Takes a token even from an empty bucket, which then owes it.</summary>
    public void Charge(BucketKey key) => ShardOf(key).Charge(key, Now);

    /// <summary>Returns a token that was not needed.</summary>
    public void GiveBack(BucketKey key) => ShardOf(key).GiveBack(key);

    private long Now => clock.GetElapsedTime(started).Ticks;

    private Shard ShardOf(BucketKey key) => shards[(uint)key.GetHashCode() % ShardCount];

    // One lock per shard, so that an eviction delays few callers, and briefly.
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

                // Partially refilled tokens do not count. A debt is paid back first.
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

        // A quarter at a time, so that not every new key evicts.
        private void MakeRoom(long now)
        {
            foreach (var key in fullAt.Where(bucket => bucket.Value <= now).Select(bucket => bucket.Key).ToList())
                fullAt.Remove(key);
            foreach (var bucket in fullAt.OrderBy(bucket => bucket.Value).Take(fullAt.Count - (capacity * 3 / 4)).ToList())
                fullAt.Remove(bucket.Key);
        }
    }
}

/// <summary>The key of a bucket: sixteen bytes, however long a caller's id is.</summary>
internal readonly record struct BucketKey(UInt128 Value)
{
    /// <summary>The key of a caller, hashed so that no id can be made up that collides with another's.</summary>
    public static BucketKey For(Caller caller) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(MemoryMarshal.AsBytes(caller.Key.AsSpan()))));

    /// <summary>The key of a client's address; of its /64 for IPv6, because a single host has all of it.</summary>
    public static BucketKey For(IPAddress? address)
    {
        if (address is null)
            return default;
        var value = BinaryPrimitives.ReadUInt128BigEndian(address.MapToIPv6().GetAddressBytes());
        return new BucketKey(address.AddressFamily == AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6 ? value : value >> 64 << 64);
    }
}

/// <summary>How many tokens a bucket holds, and how fast it fills.</summary>
/// <param name="Count">The tokens in a full bucket.</param>
/// <param name="PerMinute">The tokens that it gains per minute.</param>
internal sealed record BucketSize(int Count, int PerMinute)
{
    /// <summary>The ticks until the next token, rounded up so that no more than the limit is allowed.</summary>
    public long TicksPerToken { get; } = (TimeSpan.TicksPerMinute + PerMinute - 1) / PerMinute;

    /// <summary>The ticks until an empty bucket is full.</summary>
    public long TicksToFill => Count * TicksPerToken;

    /// <summary>A fraction of the size, at least one.</summary>
    public BucketSize DividedBy(int times) => new(Math.Max(1, Count / times), Math.Max(1, PerMinute / times));
}

/// <summary>A bucket after a token was asked of it.</summary>
/// <param name="IsTaken">Whether there was one.</param>
/// <param name="Left">How many are left.</param>
/// <param name="NextIn">How long it takes until there is one more.</param>
internal readonly record struct Bucket(bool IsTaken, long Left, TimeSpan NextIn)
{
    /// <summary><see cref="NextIn"/> in whole seconds, rounded up.</summary>
    public long NextInSeconds => (long)Math.Ceiling(NextIn.TotalSeconds);
}
