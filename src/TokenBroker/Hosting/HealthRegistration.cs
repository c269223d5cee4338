using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using TokenBroker.Auditing;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Caching.Redis;
using TokenBroker.GitHub;

namespace TokenBroker.Hosting;

/// <summary>
/// <c>/livez</c> and <c>/readyz</c>. A failure elsewhere makes the broker degraded, never unready: another replica would be no better.
/// </summary>
internal static class HealthRegistration
{
    public static void AddHealth(this IServiceCollection services) => services.AddHealthChecks()
        .AddCheck<LifecycleHealthCheck>("broker")
        .AddCheck<IssuersHealthCheck>("issuers")
        .AddCheck<PoliciesHealthCheck>("policies")
        .AddCheck<AuditHealthCheck>("audit")
        .AddCheck<GitHubHealthCheck>("github")
        .AddCheck<RedisHealthCheck>("redis");

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync })
            .AllowAnonymous()
            .WithMetadata(new AlwaysAnswered());
        routes.MapHealthChecks("/readyz", new HealthCheckOptions { ResponseWriter = WriteAsync })
            .AllowAnonymous()
            .WithMetadata(new AlwaysAnswered());
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new
        {
            status = NameOf(report.Status),
            checks = report.Entries.ToDictionary(
                entry => entry.Key, entry => new { status = NameOf(entry.Value.Status), detail = entry.Value.Description }),
        },
        context.RequestAborted);

    private static string NameOf(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "ok",
        HealthStatus.Degraded => "degraded",
        _ => "unavailable",
    };
}
