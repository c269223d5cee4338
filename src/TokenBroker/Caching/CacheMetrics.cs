using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenBroker.Telemetry;

namespace TokenBroker.Caching;

/// <summary>What caches do, in numbers. The label <c>cache</c> tells one from another; keys are never part of it.</summary>
internal sealed class CacheMetrics
{
    private static readonly InstrumentAdvice<double> Waits = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 15] };

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
        mints = meter.CreateHistogram("token_broker.mint.duration", "s", "Mints, each counted once however many callers wait for it.", tags: null, Waits);
        undecryptable = meter.CreateCounter<long>("token_broker.cache.undecryptable", "{value}", "Values in Redis that no key decrypts; each counts as a miss and is overwritten.");
        redisErrors = meter.CreateCounter<long>("token_broker.redis.errors", "{command}", "Commands to Redis that were of no use.");
        lockWaits = meter.CreateHistogram("token_broker.redis.lock.wait", "s", "Waiting for this replica's turn to mint.", tags: null, Waits);
    }

    /// <summary>Shows what goes wrong with Redis before it does: what appears at one has not grown, for who computes a rate.</summary>
    public void WatchRedis()
    {
        undecryptable.Add(0);
        foreach (var reason in new[] { "down", "timeout", "slow", "refused", "strange" })
            redisErrors.Add(0, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>Measures how many entries a cache has, until it is forgotten.</summary>
    public void Watch(string cache, Func<int> size)
    {
        sizes[cache] = size;

        foreach (var reason in new[] { "capacity", "expired" })
            evictions.Add(0, new("cache", cache), new("reason", reason));
    }

    /// <summary>Ends that.</summary>
    public void Unwatch(string cache) => sizes.TryRemove(cache, out _);

    /// <summary>Counts a look.</summary>
    /// <param name="cache">Where.</param>
    /// <param name="result">hit, miss, or failure for one that is remembered.</param>
    public void LookedUp(string cache, string result) => lookups.Add(1, new("cache", cache), new("result", result));

    /// <summary>Counts an entry that was forgotten to make room, or for its age.</summary>
    public void Evicted(string cache, string reason) => evictions.Add(1, new("cache", cache), new("reason", reason));

    /// <summary>Counts a mint.</summary>
    /// <param name="cache">For which cache.</param>
    /// <param name="outcome">ok, or the failure's kind.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Minted(string cache, string outcome, TimeSpan elapsed) => mints.Record(elapsed.TotalSeconds, new("cache", cache), new("outcome", outcome));

    /// <summary>Counts a value that cannot be read.</summary>
    public void NotDecrypted() => undecryptable.Add(1);

    /// <summary>Counts a command that failed.</summary>
    /// <param name="reason">down, timeout, slow, refused or strange.</param>
    public void RedisFailed(string reason) => redisErrors.Add(1, new KeyValuePair<string, object?>("reason", reason));

    /// <summary>Counts a wait for the lock.</summary>
    /// <param name="outcome">turn, spared where another replica's result did, or unavailable.</param>
    /// <param name="elapsed">How long it took.</param>
    public void WaitedForTurn(string outcome, TimeSpan elapsed) => lockWaits.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));

    private IEnumerable<Measurement<int>> ObserveSizes() => sizes.Select(entry => new Measurement<int>(entry.Value(), new KeyValuePair<string, object?>("cache", entry.Key)));
}
