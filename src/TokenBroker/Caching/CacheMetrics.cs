using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching;

/// <summary>The metrics of the caches and Redis. The label <c>cache</c> distinguishes caches; it never holds a key.</summary>
internal sealed class CacheMetrics
{
    private static readonly InstrumentAdvice<double> Waits = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15],
    };

    private readonly Counter<long> lookups;
    private readonly Counter<long> evictions;
    private readonly Histogram<double> mints;
    private readonly Counter<long> undecryptable;
    private readonly Counter<long> redisErrors;
    private readonly Histogram<double> lockWaits;
    private readonly ConcurrentDictionary<string, Func<int>> sizes = new(StringComparer.Ordinal);

    public CacheMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Instrumentation.Name, Instrumentation.Version);
        lookups = meter.CreateCounter<long>("token_broker.cache.lookups", "{lookup}", "Looks into a cache.");
        evictions = meter.CreateCounter<long>("token_broker.cache.evictions", "{entry}", "Entries that a cache forgot by itself.");
        meter.CreateObservableGauge("token_broker.cache.entries", ObserveSizes, "{entry}", "Entries in a cache.");
        mints = meter.CreateHistogram(
            "token_broker.mint.duration", "s", "Mints, each counted once however many callers wait for it.", tags: null, Waits);
        undecryptable = meter.CreateCounter<long>(
            "token_broker.cache.undecryptable",
            "{value}",
            "Values in Redis that no key decrypts; each counts as a miss and is overwritten.");
        redisErrors = meter.CreateCounter<long>("token_broker.redis.errors", "{command}", "Commands to Redis that were of no use.");
        lockWaits = meter.CreateHistogram(
            "token_broker.redis.lock.wait",
            "s",
            "Waiting for this replica's turn to mint.",
            tags: null,
            Waits);
    }

    /// <summary>
    /// Starts the counters of Redis's failures at zero: a series that first appears with the value 1 shows no increase to <c>rate()</c>.
    /// </summary>
    public void WatchRedis()
    {
        undecryptable.Add(0);
        foreach (var reason in new[] { "down", "timeout", "slow", "refused", "strange" })
            redisErrors.Add(0, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>Measures the number of entries of a cache, until <see cref="Unwatch"/>.</summary>
    public void Watch(string cache, Func<int> size)
    {
        sizes[cache] = size;

        foreach (var reason in new[] { "capacity", "expired" })
            evictions.Add(0, new("cache", cache), new("reason", reason));
    }

    public void Unwatch(string cache) => sizes.TryRemove(cache, out _);

    /// <param name="cache">The cache.</param>
    /// <param name="result">hit, miss, or failure for a remembered failure.</param>
    public void LookedUp(string cache, string result) => lookups.Add(1, new("cache", cache), new("result", result));

    public void Evicted(string cache, string reason) => evictions.Add(1, new("cache", cache), new("reason", reason));

    /// <param name="cache">The cache.</param>
    /// <param name="outcome">ok, or the failure's kind.</param>
    /// <param name="elapsed">How long the mint took.</param>
    public void Minted(string cache, string outcome, TimeSpan elapsed) =>
        mints.Record(elapsed.TotalSeconds, new("cache", cache), new("outcome", outcome));

    public void NotDecrypted() => undecryptable.Add(1);

    /// <param name="reason">down, timeout, slow, refused or strange.</param>
    public void RedisFailed(string reason) => redisErrors.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <param name="outcome">turn, spared if another replica's result was enough, or unavailable.</param>
    /// <param name="elapsed">How long the replica waited for the lock.</param>
    public void WaitedForLock(string outcome, TimeSpan elapsed) =>
        lockWaits.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<int>> ObserveSizes() =>
        sizes.Select(entry => new Measurement<int>(entry.Value(), new KeyValuePair<string, object?>("cache", entry.Key)));
}
