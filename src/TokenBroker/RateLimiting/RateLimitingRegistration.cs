using TokenBroker.Configuration;

namespace TokenBroker.RateLimiting;

internal static class RateLimitingRegistration
{
    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddStrictOptions<RateLimitOptions, RateLimitOptionsValidator>(RateLimitOptions.Section);
        services.AddWarnings<RateLimitOptions>(RateLimitWarnings.Find);
        services.AddSingleton<RateLimits>();
    }
}
