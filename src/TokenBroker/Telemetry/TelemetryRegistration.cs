using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

/// <summary>Metrics, traces and logs, sent by OTLP where the standard variables say so, and nowhere otherwise; metrics on a page for Prometheus if it has a port.</summary>
// See https://opentelemetry.io/docs/specs/otel/protocol/exporter/
internal static class TelemetryRegistration
{
    // The framework measures and traces itself under these names.
    // See https://learn.microsoft.com/aspnet/core/log-mon/metrics/built-in and https://learn.microsoft.com/dotnet/core/diagnostics/built-in-metrics
    private static readonly string[] Meters = [Instrumentation.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];
    private static readonly string[] Sources = [Instrumentation.Name, "Microsoft.AspNetCore", "System.Net.Http"];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<BrokerMetrics>();
        services.AddSingleton<DistributedContextPropagator, CallerTrace>();
        var destinations = OtlpDestinations.Read(builder.Configuration);
        services.AddSingleton(destinations);
        var resource = new TelemetryResource();
        services.AddSingleton(resource);
        if (destinations.Any)
            services.AddExport(destinations, resource);
        services.AddStrictOptions<MetricsPageOptions, MetricsPageOptionsValidator>(MetricsPageOptions.Section);
        if (!destinations.IsDisabled && StrictOptions.Read<MetricsPageOptions>(builder.Configuration, MetricsPageOptions.Section).Port is not null)
            services.AddHostedService<MetricsPage>();
    }

    /// <summary>Measures what this broker and the framework below it measure.</summary>
    public static MeterProviderBuilder AddBrokerMeters(this MeterProviderBuilder metrics)
    {
        metrics.AddMeter(Meters);

        // Meters are found by name in the whole process; where it holds several brokers, each tells of its own and of what has no owner.
        return ((IDeferredMeterProviderBuilder)metrics).Configure((provider, configured) =>
        {
            var own = provider.GetRequiredService<IMeterFactory>();
            configured.AddView(instrument => instrument.Meter.Scope is { } scope && scope != own ? MetricStreamConfiguration.Drop : null);
        });
    }

    private static void AddExport(this IServiceCollection services, OtlpDestinations destinations, TelemetryResource resource)
    {
        services.AddHostedService<TelemetryFlush>();
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource.Describe);
        telemetry.UseOtlpExporter();
        if (destinations.Metrics is not null)
            telemetry.WithMetrics(metrics => metrics.AddBrokerMeters());
        if (destinations.Traces is not null)
        {
            // What the framework would say of a request is in part a stranger's to write; RequestSpan says the rest.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", true);
            telemetry.WithTracing(traces => traces.AddSource(Sources));
        }

        // The exporter switches all three on. Without a source or a meter nothing is traced or measured, but everything logs.
        if (destinations.Logs is null)
            services.AddLogging(logging => logging.AddFilter<OpenTelemetryLoggerProvider>(category: null, LogLevel.None));
    }
}
