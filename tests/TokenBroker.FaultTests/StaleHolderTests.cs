using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.Failures;

namespace TokenBroker.FaultTests;

/// <summary>A replica that slept through its lease wakes up with an old token.</summary>
public sealed class StaleHolderTests : IAsyncLifetime
{
    private const string Prefix = "test:";
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().AddSingleton<CacheMetrics>().BuildServiceProvider();
    private RedisServer redis = null!;
    private RedisConnection connection = null!;

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync();
        connection = await BrokerRedis.ConnectAsync(redis, Prefix, services.GetRequiredService<CacheMetrics>());
    }

    public async ValueTask DisposeAsync()
    {
        connection.Dispose();
        await redis.DisposeAsync();
        await services.DisposeAsync();
    }

    [Theory]
    [InlineData(60, 30, "newer", "the older comes later")]
    [InlineData(30, 60, "older", "the newer comes later")]
    public async Task The_newer_token_stays(int first, int second, string expected, string why)
    {
        var store = CreateStore();
        var names = store.NamesFor("key");
        await store.PublishAsync(names, "one", new Secret("newer", Now.AddMinutes(first)), TimeSpan.Zero);
        await store.PublishAsync(names, "two", new Secret("older", Now.AddMinutes(second)), TimeSpan.Zero);
        var attempt = await TryLockAsync(store, names, "third", insists: false);
        Assert.True(expected == attempt.State.Secret?.Value, why);
        Assert.False(attempt.IsTaken);
    }

    [Fact]
    public async Task A_failure_of_a_former_lock_holder_takes_nothing_away()
    {
        var store = CreateStore();
        var names = store.NamesFor("key");
        Assert.True((await TryLockAsync(store, names, "holder", insists: true)).IsTaken);
        Assert.False((await TryLockAsync(store, names, "other", insists: true)).IsTaken);
        await store.PublishAsync(names, "other", new Failure(FailureKinds.MissingPermission, "no"), TimeSpan.FromMinutes(1), 1);
        await store.ReleaseAsync(names, "other");
        var attempt = await TryLockAsync(store, names, "third", insists: true);
        Assert.False(attempt.IsTaken);
        Assert.Null(attempt.State.Failure);
        await store.PublishAsync(names, "holder", new Secret("made", Now.AddHours(1)), TimeSpan.Zero);
        attempt = await TryLockAsync(store, names, "third", insists: true);
        Assert.Equal((true, "made"), (attempt.IsTaken, attempt.State.Secret?.Value));
    }

    /// <summary>Whoever may write to Redis can put it back, but not have it believed.</summary>
    [Fact]
    public async Task An_old_failure_no_longer_counts()
    {
        var store = CreateStore();
        var names = store.NamesFor("key");
        foreach (var (writer, isBelieved) in new[] { (CreateStore(new ClockBehind()), false), (store, true) })
        {
            await TryLockAsync(store, names, "holder", insists: true);
            await writer.PublishAsync(names, "holder", new Failure(FailureKinds.MissingPermission, "no"), TimeSpan.FromMinutes(1), 1);
            Assert.Equal(isBelieved, (await TryLockAsync(store, names, "other", insists: false)).State.Failure is not null);
        }
    }

    /// <summary>In a boot storm the answer that the lock is ours can be read when its lease is nearly over.</summary>
    [Fact]
    public async Task A_lock_whose_word_comes_late_is_renewed_at_once()
    {
        var store = CreateStore();
        var names = store.NamesFor("key");
        await TryLockAsync(store, names, "holder", insists: true);
        var writes = new BackgroundWrites(NullLogger<SharedMints>.Instance);
        var mints = new SharedMints(connection, store, writes, TimeProvider.System, services.GetRequiredService<CacheMetrics>());
        var fourSecondsAgo = TimeProvider.System.GetTimestamp() - (4 * TimeProvider.System.TimestampFrequency);
        var lease = new SharedMints.Lease(mints, names, "holder", fourSecondsAgo);
        Assert.Equal(RedisStore.Stamp("holder", 1), (await TryLockAsync(store, names, "other", insists: true)).Lock);
        lease.Publish(new Secret("made", Now.AddHours(1)));
        await mints.WhenIdleAsync();
        Assert.True((await TryLockAsync(store, names, "other", insists: true)).IsTaken);
    }

    private RedisStore CreateStore(TimeProvider? clock = null) =>
        BrokerRedis.Create(connection, Prefix, services.GetRequiredService<CacheMetrics>(), clock);

    private static Task<LockAttempt> TryLockAsync(RedisStore store, RedisNames names, string owner, bool insists) =>
        store.TryLockAsync(names, RedisStore.Stamp(owner, 0), insists, new RedisDeadline(TimeProvider.System), CancellationToken.None);

    private sealed class ClockBehind : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddSeconds(-61);
    }
}
