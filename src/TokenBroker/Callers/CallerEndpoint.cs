using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Authorization;
using TokenBroker.Runners;
using TokenBroker.Scopes;

namespace TokenBroker.Callers;

/// <summary><c>GET /caller</c>: who the caller is to the broker, and what it may ask for.</summary>
internal static class CallerEndpoint
{
    public static void MapCaller(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", ScopeForm.EnterprisePrefix })
        {
            var caller = routes.MapGet(prefix + "/caller", Describe)
                .RequireAuthorization()
                .WithExchange(form: null)
                .WithMetadata(CallerDocumentation.Get);
            if (prefix.Length > 0)
                caller.ExcludeFromDescription();
        }
    }

    private static JsonHttpResult<CallerDescription> Describe(RunnerExchange exchange, PolicyStore policies, TimeProvider clock)
    {
        var caller = exchange.Caller;
        exchange.Audit.Operation = "caller";
        var claims = CallerClaims.Of(caller, clock);
        var matching = policies.Current.For(claims).Select(policy => PolicyDescription.Matching(policy, claims));

        // A caller that knew which claims deny it could work around them, so a policy that denies it is left out.
        var missed = policies.Current.Of(caller.Issuer)
            .Where(policy => !policy.Denies(claims))
            .Select(policy => (policy, Obstacles: policy.Obstacles(claims).Take(2).ToList()))
            .Where(policy => policy.Obstacles.Count == 1)
            .Select(policy => PolicyDescription.Missed(policy.policy, policy.Obstacles[0], claims))
            .Take(1);

        exchange.Http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(new CallerDescription
        {
            Issuer = caller.Issuer,
            Subject = caller.Subject,
            CallerId = caller.Id,
            ExpiresAt = caller.ExpiresAt,
            Policies = [.. matching, .. missed],
        });
    }
}
