using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Callers;

/// <summary>Tells a caller who it is to the broker, and what it may have: the first thing to ask when something is refused.</summary>
internal static class CallersRegistration
{
    public static void MapCallers(this IEndpointRouteBuilder routes)
    {
        foreach (var prefix in new[] { "", ScopeForm.EnterprisePrefix })
        {
            var caller = routes.MapGet(prefix + "/caller", Describe).RequireAuthorization().Audited().WithMetadata(CallerDocumentation.Get);
            if (prefix.Length > 0)
                caller.ExcludeFromDescription();
        }
    }

    private static JsonHttpResult<CallerDescription> Describe(Policies policies, TimeProvider clock, HttpContext context)
    {
        var caller = Caller.Of(context);
        AuditDetails.Of(context).Operation = "caller";
        var claims = CallerClaims.Of(caller, clock);
        var matching = policies.Current.For(claims).Select(policy => PolicyDescription.Matching(policy, claims));

        // Which claims deny is not the caller's business: whoever knew could go around it. So a policy that denies it is not told of.
        var missed = policies.Current.Of(caller.Issuer)
            .Where(policy => !policy.Denies(claims))
            .Select(policy => (policy, Obstacles: policy.Obstacles(claims).Take(2).ToList()))
            .Where(policy => policy.Obstacles.Count == 1)
            .Select(policy => PolicyDescription.Missed(policy.policy, policy.Obstacles[0], claims))
            .Take(1);

        context.Response.Headers.CacheControl = "no-store";
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
