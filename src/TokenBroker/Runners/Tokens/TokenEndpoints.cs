using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Auditing;
using TokenBroker.Authorization;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.RateLimiting;
using TokenBroker.Scopes;

namespace TokenBroker.Runners.Tokens;

/// <summary>The two tokens of a scope.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder runners, ScopeForm form)
    {
        runners.MapPost("registration-token", CreateRegistrationToken)
            .WithMetadata(new RequiredOperation(Operation.RegistrationToken))
            .WithMetadata(TokenDocumentation.Registration(form));
        runners.MapPost("remove-token", CreateRemoveToken)
            .WithMetadata(new RequiredOperation(Operation.RemoveToken))
            .WithMetadata(TokenDocumentation.Remove(form));
    }

    private static Task<Results<TokenResult, FailureResult>> CreateRegistrationToken(
        ScopeRequest request, MinimumLifetime lifetime, RunnerTokens tokens, RequestGrants grants, HttpContext context) =>
        CreateAsync(RunnerTokenKind.Registration, request, lifetime, tokens, grants, context);

    private static Task<Results<TokenResult, FailureResult>> CreateRemoveToken(
        ScopeRequest request, MinimumLifetime lifetime, RunnerTokens tokens, RequestGrants grants, HttpContext context) =>
        CreateAsync(RunnerTokenKind.Remove, request, lifetime, tokens, grants, context);

    private static async Task<Results<TokenResult, FailureResult>> CreateAsync(
        RunnerTokenKind kind, ScopeRequest request, MinimumLifetime lifetime, RunnerTokens tokens, RequestGrants grants, HttpContext context)
    {
        using var grant = await grants.ReserveAsync(context, request.Scope);
        TimeSpan?[] demands = [lifetime.Value, context.Features.GetRequiredFeature<Decision>().MinimumRemainingLifetime];
        var answer = await tokens.GetAsync(kind, request.Scope, demands.Max(), CallerAllowance.PermitOf(context), Patience.Of(context).Left, context.RequestAborted);
        if (answer.Secret is not { } secret)
            return new FailureResult(answer.Failure!);
        grant.Keep();
        Tell(AuditDetails.Of(context), secret, answer.IsHit);
        return new TokenResult(secret, answer.IsHit);
    }

    private static void Tell(AuditDetails audit, Secret secret, bool isHit)
    {
        audit.Source = isHit ? "cache" : "minted";
        audit.ExpiresAt = secret.ExpiresAt;
        audit.Token = TokenHash.Of(IssuedToken.TokenOf(secret));
        audit.Mint = isHit ? null : secret.Origin;
    }
}
