using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.FaultTests;

/// <summary>A broker's own way into Redis, with a key of 32 zeros, for tests that leave something there.</summary>
internal static class BrokerRedis
{
    public static async Task<RedisConnection> ConnectAsync(RedisServer redis, string prefix, CacheMetrics metrics)
    {
        var address = new ContentSource<RedisAddress>(path: null, redis.Address, RedisAddress.Parse, NullLogger.Instance);
        var connection = new RedisConnection(
            address,
            new RedisSettings(prefix, CaCertificatePath: null),
            TimeProvider.System,
            metrics,
            NullLogger<RedisConnection>.Instance);
        await connection.StartAsync(CancellationToken.None);
        await Eventually.IsTrueAsync(() => connection.Fault is null, "Redis answered");
        return connection;
    }

    public static RedisStore Create(RedisConnection connection, string prefix, CacheMetrics metrics, TimeProvider? clock = null)
    {
        var key = Convert.ToBase64String(new byte[SecretCipher.KeyBytes]);
        var ciphers = new ContentSource<SecretCipher>(path: null, key, SecretCipher.Parse, NullLogger.Instance);
        return new RedisStore(
            connection,
            new RedisSettings(prefix, CaCertificatePath: null),
            ciphers,
            clock ?? TimeProvider.System,
            metrics);
    }
}
