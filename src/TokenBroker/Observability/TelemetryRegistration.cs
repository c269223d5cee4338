using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace TokenBroker.Observability;

/// <summary>Metrics, traces and logs, sent by OTLP where the standard variables say so, and nowhere otherwise.</summary>
// See https://opentelemetry.io/docs/specs/otel/protocol/exporter/
internal static class TelemetryRegistration
{
    private const string Service = "token-broker";

    // The framework measures and traces itself under these names.
    // See https://learn.microsoft.com/aspnet/core/log-mon/metrics/built-in and https://learn.microsoft.com/dotnet/core/diagnostics/built-in-metrics
    private static readonly string[] Meters = [Telemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];
    private static readonly string[] Sources = [Telemetry.Name, "Microsoft.AspNetCore", "System.Net.Http"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<BrokerMetrics>();
        var destinations = OtlpDestinations.Read(builder.Configuration);
        services.AddSingleton(destinations);
        if (destinations.Any)
            services.AddExport(destinations);
        services.AddHostedService<StateGauges>();
    }

    private static void AddExport(this IServiceCollection services, OtlpDestinations destinations)
    {
        services.AddHostedService<TelemetryExport>();
        var openTelemetry = new Builder(services);
        openTelemetry.UseOtlpExporter();
        openTelemetry.ConfigureResource(Describe);
        if (destinations.Metrics is not null)
            openTelemetry.WithMetrics(metrics => Configure(metrics));
        if (destinations.Traces is not null)
        {
            // The framework leaves methods and paths out of its spans unless it is told.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            openTelemetry.WithTracing(traces => traces.AddSource(Sources));
        }

        if (destinations.Logs is not null)
            openTelemetry.WithLogging();
    }

    // What the variables say of the resource comes later and wins.
    private static void Describe(ResourceBuilder resource) => resource.Clear()
        .AddService(Service, serviceVersion: Telemetry.Version, serviceInstanceId: $"{Environment.MachineName}-{Guid.NewGuid():N}")
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static void Configure(MeterProviderBuilder metrics)
    {
        metrics.AddMeter(Meters);

        // Meters are found by name in the whole process; where it holds several brokers, each tells of its own and of what has no owner.
        ((IDeferredMeterProviderBuilder)metrics).Configure((provider, configured) =>
        {
            var own = provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
            configured.AddView(instrument => instrument.Meter.Scope is { } scope && scope != own ? MetricStreamConfiguration.Drop : null);
        });
    }

    private sealed record Builder(IServiceCollection Services) : IOpenTelemetryBuilder;
}
