using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using TokenBroker.Authorization;
using TokenBroker.Runners;
using TokenBroker.Runners.Documentation;
using TokenBroker.Scopes;

namespace TokenBroker.Callers;

/// <summary><c>GET /caller</c>: who the broker takes the caller for, and what the caller may do.</summary>
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

        // A caller that knew which claims deny it could work around them, so policies that deny it are left out.
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

/// <summary>The endpoint in the API document.</summary>
internal static class CallerDocumentation
{
    public static readonly OperationDocumentation Get = new("broker/get-caller", "Get yourself")
    {
        Description = "Who the broker takes the caller for, the policies that match it, and at most one that only a single claim keeps "
            + "from matching.",
        Answer = new(StatusCodes.Status200OK, "The caller.", new(typeof(CallerDescription), new CallerDescription
        {
            Issuer = "gce",
            Subject = "107517467455664443765",
            CallerId = "4520031799277581759",
            ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(57),
            Policies =
            [
                new()
                {
                    Name = "gce-runners",
                    Matches = true,
                    Operations = ["registration-token", "remove-token"],
                    Scopes = ["orgs/octo-org"],
                    Grants = new() { Count = 3, Within = "01:00:00" },
                },
                new()
                {
                    Name = "gpu-machines",
                    Matches = false,
                    Claim = "/google/compute_engine/zone",
                    Value = JsonElement.Parse("\"europe-west1-b\""),
                },
            ],
        })),
    };
}
