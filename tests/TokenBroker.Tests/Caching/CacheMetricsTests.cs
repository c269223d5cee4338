using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using TokenBroker.Failures;

namespace TokenBroker.Tests.Caching;

public sealed class CacheMetricsTests
{
    [Fact]
    public async Task Hits_misses_remembered_failures_mints_and_evictions_are_distinguished()
    {
        var counts = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        await using var cache = new CacheFixture(capacity: 20);
        using var listener = Listen(cache, counts);

        await cache.GetAsync("one");
        await cache.GetAsync("one");
        cache.Fault = CacheFixture.Failing(FailureKinds.GitHubUnavailable);
        await cache.GetAsync("two");
        await cache.GetAsync("two");
        cache.Fault = null;
        for (var key = 0; key < 200; key++)
            await cache.GetAsync($"more {key}");

        Assert.Equal((1, 202, 1), (
            counts["token_broker.cache.lookups result=hit"],
            counts["token_broker.cache.lookups result=miss"],
            counts["token_broker.cache.lookups result=failure"]));
        Assert.Equal(
            (201, 1),
            (counts["token_broker.mint.duration outcome=ok"], counts["token_broker.mint.duration outcome=github-unavailable"]));
        await Testing.Eventually.IsTrueAsync(() => counts["token_broker.cache.evictions reason=capacity"] > 0, "an eviction was counted");
        Assert.InRange(cache.Count, 1, 20);
    }

    private static MeterListener Listen(CacheFixture cache, ConcurrentDictionary<string, long> counts)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == cache.Meters)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Count(instrument, 1, tags));
        listener.Start();
        return listener;

        void Count(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
                counts.AddOrUpdate($"{instrument.Name} {tag.Key}={tag.Value}", value, (_, sum) => sum + value);
        }
    }
}
