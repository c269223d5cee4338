using Microsoft.Extensions.Options;
using TokenBroker.Caching.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching;

/// <summary>Secrets with an expiry.</summary>
internal static class CachingRegistration
{
    public static void AddTokenCache(this IServiceCollection services)
    {
        services.AddStrictOptions<TokenCacheOptions, TokenCacheOptionsValidator>(TokenCacheOptions.Section);
        services.AddStrictOptions<RedisOptions, RedisOptionsValidator>(RedisOptions.Section);
        services.AddWarnings<TokenCacheOptions>(CacheWarnings.Find);
        services.AddWarnings<RedisOptions>(CacheWarnings.Find);
        services.AddSingleton<CacheMetrics>();
        services.AddSingleton(provider => Limits(provider.GetRequiredService<IOptions<TokenCacheOptions>>().Value));
    }

    private static SecretCacheLimits Limits(TokenCacheOptions options) => new(options.MinimumRemainingLifetime, options.RefreshAhead) { Capacity = options.MaxEntries };
}
