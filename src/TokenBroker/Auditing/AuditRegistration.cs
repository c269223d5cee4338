using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;
using TokenBroker.Authentication;

namespace TokenBroker.Auditing;

/// <summary>The audit trail. There is no setting that switches it off.</summary>
internal static class AuditRegistration
{
    private static readonly Marker Audit = new();

    /// <summary>Registered before whatever makes events, so that it is stopped after them.</summary>
    public static void AddAudit(this IServiceCollection services)
    {
        services.TryAddSingleton(_ => AuditOutput.Console());
        services.AddSingleton<AuditMetrics>();
        services.AddSingleton<AuditExport>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<RefusedCallers>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditTrail>());

        // The log's own way with a standard output that nobody reads is to let everyone wait who has something to say, health checks among them.
        services.PostConfigure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);
    }

    /// <summary>Gives each request of these endpoints its event. To be said before other filters.</summary>
    public static TBuilder Audited<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.AddEndpointFilter<TBuilder, AuditFilter>().WithMetadata(Audit);

    /// <summary>Whether a request is of an authenticated caller to such an endpoint.</summary>
    public static bool IsAudited(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Marker>() is not null && context.Features.Get<Caller>() is not null;

    private sealed record Marker;
}
