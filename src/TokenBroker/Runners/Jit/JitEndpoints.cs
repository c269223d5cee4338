using TokenBroker.Authorization;
using TokenBroker.RateLimiting;

namespace TokenBroker.Runners.Jit;

/// <summary>Just-in-time configurations of a scope.</summary>
internal static class JitEndpoints
{
    public static void MapJit(this RouteGroupBuilder runners, ScopeForm form) =>
        runners.MapPost("generate-jitconfig", Create)
            .WithMetadata(new RequiredOperation(Operation.JitConfiguration))
            .WithMetadata(JitDocumentation.Create(form));

    private static Task<PassedOn> Create(ScopeRequest request, JitRequest wanted, JitConfigurations configurations, HttpContext context) =>
        PassedOn.AnswerAsync(
            context,
            cancellation => configurations.CreateAsync(request.Scope, wanted, BoundedRunners.Of(context), () => CallerAllowance.TakeForGitHub(context), cancellation),
            isSecret: true);
}
