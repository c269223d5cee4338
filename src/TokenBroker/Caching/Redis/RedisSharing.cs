using Microsoft.Extensions.Options;
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
        var ciphers = ContentSources.Create(string.Join('\n', cache.Value.EncryptionKeys), cache.Value.EncryptionKeysPath, SecretCipher.Parse, files, logger);
        connection = new RedisConnection(ContentSources.Create(redis.Value.Redis, redis.Value.RedisPath, RedisAddress.Parse, files, logger), settings, clock, metrics, logger);
        Mints = new SharedMints(connection, new RedisSecrets(connection, settings, ciphers, clock, metrics), clock, metrics, loggers.CreateLogger<SharedMints>());
        Ledger = new RedisLedger(connection, settings, clock, Mints.Run);
    }

    /// <summary>The mints that are shared; null without Redis.</summary>
    public SharedMints? Mints { get; }

    /// <summary>What is counted in all replicas; null without Redis.</summary>
    public RedisLedger? Ledger { get; }

    /// <summary>What is wrong with Redis; null if nothing is, or there is none.</summary>
    public string? Fault => connection?.Fault;

    /// <summary>Whether Redis was tried once, well or badly.</summary>
    public bool IsTried => connection?.IsTried ?? true;

    /// <summary>Whether there is a Redis at all.</summary>
    public bool IsConfigured => connection is not null;

    public Task StartAsync(CancellationToken cancellationToken) => connection?.StartAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => connection?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        connection?.Dispose();
        return ValueTask.CompletedTask;
    }
}
