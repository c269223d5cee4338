using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.GitHub;

namespace TokenBroker.Runners.Tokens;

/// <summary>The two tokens, in memory and shared through Redis.</summary>
internal static class TokensRegistration
{
    public static void AddTokens(this IServiceCollection services)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisSharing>(provider, provider.GetRequiredService<GitHubClock>()));
        services.AddHostedService(provider => provider.GetRequiredService<RedisSharing>());
        services.AddSingleton(provider => new SecretCache(
            "runner-tokens",
            provider.GetRequiredService<SecretCacheLimits>(),
            provider.GetRequiredService<GitHubClock>(),
            provider.GetRequiredService<CacheMetrics>(),
            provider.GetRequiredService<ILogger<SecretCache>>(),
            provider.GetRequiredService<RedisSharing>().Mints));
        services.AddHostedService<RunningMints>();
        services.AddSingleton<RunnerTokens>();
    }
}
