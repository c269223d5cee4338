using FluentValidation;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.GitHub;

namespace TokenBroker.Runners;

/// <summary>The HTTP surface: GitHub's own paths, at the root and where clients of GitHub Enterprise look.</summary>
internal static class RunnersRegistration
{
    public const string EnterprisePrefix = "/api/v3";

    public static void AddRunners(this IServiceCollection services)
    {
        services.AddSingleton<IValidator<ScopeRequest>, ScopeRequestValidator>();
        services.AddSingleton<IValidator<MinimumLifetime>, MinimumLifetimeValidator>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisSharing>(provider, provider.GetRequiredService<GitHubClock>()));
        services.AddHostedService(provider => provider.GetRequiredService<RedisSharing>());
        services.AddSingleton(provider => new SecretCache(
            provider.GetRequiredService<SecretCacheLimits>(),
            provider.GetRequiredService<GitHubClock>(),
            provider.GetRequiredService<ILogger<SecretCache>>(),
            provider.GetRequiredService<RedisSharing>().Mints));
        services.AddHostedService<RunningMints>();
        services.AddSingleton<RunnerTokens>();
    }

    public static void MapRunners(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", EnterprisePrefix })
        {
            foreach (var form in ScopeForm.All)
            {
                var scope = routes.MapGroup(prefix + form.Route)
                    .RequireAuthorization()
                    .WithMetadata(form)
                    .AddEndpointFilter<RouteGroupBuilder, ValidationFilter>()
                    .AddEndpointFilter<RouteGroupBuilder, PolicyFilter>();
                if (prefix.Length > 0)
                    scope.ExcludeFromDescription();
                scope.MapTokens(form);
            }
        }
    }
}
