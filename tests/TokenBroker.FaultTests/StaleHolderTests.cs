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
        var secrets = CreateSecrets();
        var names = secrets.NamesOf("key");
        await secrets.PublishAsync(names, "one", new Secret("newer", Now.AddMinutes(first)), TimeSpan.Zero);
        await secrets.PublishAsync(names, "two", new Secret("older", Now.AddMinutes(second)), TimeSpan.Zero);
        var entry = await EnterAsync(secrets, names, "third", insists: false);
        Assert.True(expected == entry.State.Secret?.Value, why);
        Assert.False(entry.IsTaken);
    }

    [Fact]
    public async Task A_failure_of_a_former_lock_holder_takes_nothing_away()
    {
        var secrets = CreateSecrets();
        var names = secrets.NamesOf("key");
        Assert.True((await EnterAsync(secrets, names, "holder", insists: true)).IsTaken);
        Assert.False((await EnterAsync(secrets, names, "other", insists: true)).IsTaken);
        await secrets.PublishAsync(names, "other", new Failure(FailureKinds.MissingPermission, "no"), TimeSpan.FromMinutes(1), 1);
        await secrets.LeaveAsync(names, "other");
        var entry = await EnterAsync(secrets, names, "third", insists: true);
        Assert.False(entry.IsTaken);
        Assert.Null(entry.State.Failure);
        await secrets.PublishAsync(names, "holder", new Secret("made", Now.AddHours(1)), TimeSpan.Zero);
        entry = await EnterAsync(secrets, names, "third", insists: true);
        Assert.Equal((true, "made"), (entry.IsTaken, entry.State.Secret?.Value));
    }

    /// <summary>Whoever may write to Redis can put it back, but not have it believed.</summary>
    [Fact]
    public async Task An_old_failure_no_longer_counts()
    {
        var secrets = CreateSecrets();
        var names = secrets.NamesOf("key");
        foreach (var (writer, isBelieved) in new[] { (CreateSecrets(new ClockBehind()), false), (secrets, true) })
        {
            await EnterAsync(secrets, names, "holder", insists: true);
            await writer.PublishAsync(names, "holder", new Failure(FailureKinds.MissingPermission, "no"), TimeSpan.FromMinutes(1), 1);
            Assert.Equal(isBelieved, (await EnterAsync(secrets, names, "other", insists: false)).State.Failure is not null);
        }
    }

    /// <summary>In a boot storm the answer that the lock is ours can be read when its lease is nearly over.</summary>
    [Fact]
    public async Task A_lock_whose_word_comes_late_is_renewed_at_once()
    {
        var secrets = CreateSecrets();
        var names = secrets.NamesOf("key");
        await EnterAsync(secrets, names, "holder", insists: true);
        var mints = new SharedMints(
            connection,
            secrets,
            TimeProvider.System,
            services.GetRequiredService<CacheMetrics>(),
            NullLogger<SharedMints>.Instance);
        var turn = new SharedTurn(
            mints,
            names,
            "holder",
            TimeProvider.System.GetTimestamp() - (4 * TimeProvider.System.TimestampFrequency));
        Assert.Equal(SharedTurn.Stamp("holder", 1), (await EnterAsync(secrets, names, "other", insists: true)).Lock);
        turn.Publish(new Secret("made", Now.AddHours(1)));
        await mints.WhenIdleAsync();
        Assert.True((await EnterAsync(secrets, names, "other", insists: true)).IsTaken);
    }

    private RedisSecrets CreateSecrets(TimeProvider? clock = null) =>
        BrokerRedis.Create(connection, Prefix, services.GetRequiredService<CacheMetrics>(), clock);

    private static Task<RedisEntry> EnterAsync(RedisSecrets secrets, RedisNames names, string owner, bool insists) =>
        secrets.EnterAsync(names, SharedTurn.Stamp(owner, 0), insists, new RedisBudget(TimeProvider.System), CancellationToken.None);

    private sealed class ClockBehind : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddSeconds(-61);
    }
}
