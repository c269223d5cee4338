using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Authorization;
using TokenBroker.Failures;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.Swagger;

namespace TokenBroker.Runners;

/// <summary>The two tokens of a scope.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this RouteGroupBuilder scope, ScopeForm form)
    {
        // GitHub's operation ids: see https://github.com/github/rest-api-description
        var area = form.Kind == Scopes.ScopeKind.Enterprise ? "enterprise-admin" : "actions";
        scope.MapPost("actions/runners/registration-token", CreateRegistrationToken)
            .WithMetadata(new RequiredOperation(Operation.RegistrationToken))
            .WithMetadata(new TokenDocumentation($"{area}/create-registration-token-for-{form.Word}", form, "registration"));
        scope.MapPost("actions/runners/remove-token", CreateRemoveToken)
            .WithMetadata(new RequiredOperation(Operation.RemoveToken))
            .WithMetadata(new TokenDocumentation($"{area}/create-remove-token-for-{form.Word}", form, "remove"));
    }

    private static Task<Results<TokenResult, FailureResult>> CreateRegistrationToken(
        ScopeRequest request, MinimumLifetime lifetime, RunnerTokens tokens, HttpContext context) =>
        CreateAsync(RunnerTokenKind.Registration, request, lifetime, tokens, context);

    private static Task<Results<TokenResult, FailureResult>> CreateRemoveToken(
        ScopeRequest request, MinimumLifetime lifetime, RunnerTokens tokens, HttpContext context) =>
        CreateAsync(RunnerTokenKind.Remove, request, lifetime, tokens, context);

    private static async Task<Results<TokenResult, FailureResult>> CreateAsync(
        RunnerTokenKind kind, ScopeRequest request, MinimumLifetime lifetime, RunnerTokens tokens, HttpContext context)
    {
        var answer = await tokens.GetAsync(kind, request.Scope, lifetime.Value, Patience.Of(context).Left, context.RequestAborted);
        return answer.Secret is { } secret ? new TokenResult(secret, answer.IsHit) : new FailureResult(answer.Failure!);
    }
}
