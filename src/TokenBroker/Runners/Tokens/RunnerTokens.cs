using Microsoft.Extensions.Options;
using TokenBroker.Auditing;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Scopes;
using TokenBroker.Telemetry;

namespace TokenBroker.Runners.Tokens;

/// <summary>Registration and remove tokens, shared by all callers that a policy lets have them.</summary>
internal sealed class RunnerTokens(SecretCache cache, RunnerTokenMint mint, GitHubIdentity identity, GitHubClock clock, BrokerMetrics metrics, AuditTrail audit, IOptions<TokenCacheOptions> options)
{
    /// <summary>A token for the scope, from the cache or newly minted.</summary>
    /// <param name="kind">Which of the two.</param>
    /// <param name="scope">Where; a policy has allowed it.</param>
    /// <param name="wanted">The life that the caller wants it to have left; null for the configured minimum.</param>
    /// <param name="permit">What a mint costs the caller; null for nothing.</param>
    /// <param name="patience">How long the caller may still wait.</param>
    /// <param name="cancelled">The caller's own cancellation.</param>
    public async Task<SecretAnswer> GetAsync(RunnerTokenKind kind, Scope scope, TimeSpan? wanted, StartPermit? permit, TimeSpan patience, CancellationToken cancelled)
    {
        var answer = await cache.GetAsync(KeyOf(kind, scope), wanted, token => MintAsync(kind, scope, token), patience, cancelled, permit);
        if (answer.Secret is { } secret)
            metrics.HandedOut(NameOf(kind), scope.Kind, NameOf(answer.Source), secret.ExpiresAt - clock.GetUtcNow());
        return answer;
    }

    private async Task<Secret> MintAsync(RunnerTokenKind kind, Scope scope, CancellationToken cancellation)
    {
        try
        {
            var secret = await mint.MintAsync(kind, scope, cancellation);

            // Of its own, because a refresh has no caller, and those who waited may be gone.
            audit.RecordMint(NameOf(kind) + "-token", scope.Path, TokenHash.Of(IssuedToken.TokenOf(secret)), secret);
            return secret;
        }
        catch (FailureException exception) when (exception.Failure.Kind.EndsCachedTokens && !exception.IsOfRequest)
        {
            // GitHub's no is to the scope, so the other kind of token goes too.
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
