using Microsoft.Extensions.Options;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

/// <summary>What the replicas share through Redis, if one is configured.</summary>
internal sealed class RedisSharing : IHostedService, IAsyncDisposable
{
    private readonly RedisConnection? connection;

    public RedisSharing(
        IOptions<RedisOptions> redis,
        IOptions<TokenCacheOptions> cache,
        WatchedFiles files,
        TimeProvider clock,
        CacheMetrics metrics,
        ILoggerFactory loggers)
    {
        if (!redis.Value.IsSet)
            return;

        metrics.WatchRedis();
        var logger = loggers.CreateLogger<RedisConnection>();
        var settings = new RedisSettings(cache.Value.RedisKeyPrefix, cache.Value.RedisCaCertificatePath);
        var keys = string.Join('\n', cache.Value.EncryptionKeys);
        var ciphers = ContentSources.Create(keys, cache.Value.EncryptionKeysPath, SecretCipher.Parse, files, logger);
        var address = ContentSources.Create(redis.Value.Redis, redis.Value.RedisPath, RedisAddress.Parse, files, logger);
        connection = new RedisConnection(address, settings, clock, metrics, logger, warmUp: connected => StoreOn(connected).WarmUpAsync());
        var writes = new BackgroundWrites(loggers.CreateLogger<SharedMints>());
        Mints = new SharedMints(connection, StoreOn(connection), writes, clock, metrics);
        Ledger = new RedisLedger(connection, settings, writes, clock);

        RedisStore StoreOn(RedisConnection connected) => new(connected, settings, ciphers, clock, metrics);
    }

    /// <summary>The shared mints; null without Redis.</summary>
    public SharedMints? Mints { get; }

    /// <summary>What all replicas have counted; null without Redis.</summary>
    public RedisLedger? Ledger { get; }

    /// <summary>What is wrong with Redis; null if nothing is, or if Redis is not configured.</summary>
    public string? Fault => connection?.Fault;

    /// <summary>Whether the first attempt to connect is over, successful or not.</summary>
    public bool IsTried => connection?.IsTried ?? true;

    public bool IsConfigured => connection is not null;

    public Task StartAsync(CancellationToken cancellationToken) => connection?.StartAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => connection?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        connection?.Dispose();
        return ValueTask.CompletedTask;
    }
}
