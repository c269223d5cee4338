using Microsoft.Extensions.Options;
using TokenBroker.Auditing;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;
using TokenBroker.Telemetry;

namespace TokenBroker.Runners.Tokens;

/// <summary>Registration and remove tokens, shared by all callers that a policy allows.</summary>
internal sealed class RunnerTokens(
    SecretCache cache,
    RunnerTokenMint mint,
    GitHubIdentity identity,
    GitHubClock clock,
    BrokerMetrics metrics,
    AuditTrail audit,
    IOptions<TokenCacheOptions> options)
{
    /// <summary>A token for the scope, from the cache or newly minted.</summary>
    /// <param name="kind">Registration or remove.</param>
    /// <param name="scope">The scope, which a policy has allowed.</param>
    /// <param name="wanted">The life that the token should have left; null for the configured minimum.</param>
    /// <param name="wait">How long the caller may still wait.</param>
    /// <param name="canceled">The caller's own cancellation.</param>
    public async Task<SecretAnswer> GetAsync(RunnerTokenKind kind, Scope scope, TimeSpan? wanted, TimeSpan wait, CancellationToken canceled)
    {
        var answer = await cache.GetAsync(
            KeyOf(kind, scope), wanted, token => MintAsync(kind, scope, token), wait, canceled, StartPermit.Current);
        if (answer.Secret is { } secret)
            metrics.HandedOut(NameOf(kind), scope.Kind, NameOf(answer.Source), secret.ExpiresAt - clock.GetUtcNow());
        return answer;
    }

    private async Task<Secret> MintAsync(RunnerTokenKind kind, Scope scope, CancellationToken cancellation)
    {
        try
        {
            var secret = await mint.MintAsync(kind, scope, cancellation);

            // An event of its own, because a refresh has no caller, and those who waited may have gone.
            audit.RecordMint(NameOf(kind) + "-token", scope.Path, secret);
            return secret;
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens && !exception.IsOfRequest)
        {
            // GitHub refuses the scope, so the other kind of token must go too.
            foreach (var other in Enum.GetValues<RunnerTokenKind>())
                cache.Drop(KeyOf(other, scope));
            throw;
        }
    }

    private static string NameOf(RunnerTokenKind kind) => kind == RunnerTokenKind.Registration ? "registration" : "remove";

    private static string NameOf(SecretSource source) => source switch
    {
        SecretSource.Memory => "memory",
        SecretSource.Redis => "redis",
        _ => "mint",
    };

    private string KeyOf(RunnerTokenKind kind, Scope scope) =>
        string.Join('|', options.Value.Generation, identity.Host, identity.App, kind, scope.Path);
}

/// <summary>The two tokens, in memory and shared through Redis.</summary>
internal static class TokensRegistration
{
    public static void AddTokens(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<RedisSharing>(provider, provider.GetRequiredService<GitHubClock>()));
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
