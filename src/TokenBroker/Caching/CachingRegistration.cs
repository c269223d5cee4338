using Microsoft.Extensions.Options;
using TokenBroker.Caching.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching;

internal static class CachingRegistration
{
    public static void AddTokenCacheOptions(this IServiceCollection services)
    {
        services.AddStrictOptions<TokenCacheOptions, TokenCacheOptionsValidator>(TokenCacheOptions.Section);
        services.AddStrictOptions<RedisOptions, RedisOptionsValidator>(RedisOptions.Section);
        services.AddWarnings<TokenCacheOptions>(CacheWarnings.Find);
        services.AddWarnings<RedisOptions>(CacheWarnings.Find);
        services.AddSingleton<CacheMetrics>();
        services.AddSingleton(provider => SecretCacheLimits.From(provider.GetRequiredService<IOptions<TokenCacheOptions>>().Value));
    }
}

/// <summary>Lets running mints finish before the process stops. Registered before the listener, and so stopped after it.</summary>
internal sealed class RunningMints(SecretCache cache) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => cache.WhenIdleAsync().WaitAsync(cancellationToken);
}
