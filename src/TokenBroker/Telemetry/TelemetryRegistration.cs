using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using TokenBroker.Configuration;

namespace TokenBroker.Telemetry;

/// <summary>
/// Sends metrics, traces and logs by OTLP to where the standard variables say, and nowhere by default. Serves the metrics for Prometheus if
/// that has a port.
/// </summary>
// See https://opentelemetry.io/docs/specs/otel/protocol/exporter/
internal static class TelemetryRegistration
{
    // The names under which the framework measures and traces itself.
    // See https://learn.microsoft.com/aspnet/core/log-mon/metrics/built-in and
    // https://learn.microsoft.com/dotnet/core/diagnostics/built-in-metrics
    private static readonly string[] Meters =
    [
        Instrumentation.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime",
    ];

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
        var page = StrictOptions.Read<MetricsPageOptions>(builder.Configuration, MetricsPageOptions.Section);
        if (!destinations.IsDisabled && page.Port is not null)
            services.AddHostedService<MetricsPage>();
    }

    /// <summary>Adds the meters of this broker and of the framework.</summary>
    public static MeterProviderBuilder AddBrokerMeters(this MeterProviderBuilder metrics)
    {
        metrics.AddMeter(Meters);

        // Meters are found by name in the whole process. If it holds several brokers, each exports its own meters and those without an
        // owner.
        return ((IDeferredMeterProviderBuilder)metrics).Configure((provider, configured) =>
        {
            var own = provider.GetRequiredService<IMeterFactory>();
            configured.AddView(instrument =>
                instrument.Meter.Scope is { } scope && scope != own ? MetricStreamConfiguration.Drop : null);
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
            // Some of the framework's tags of a request are chosen by strangers; RequestSpan sets all of them.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", true);
            telemetry.WithTracing(traces => traces.AddSource(Sources));
        }

        // The exporter enables all three signals. Without a source or a meter nothing is traced or measured, but every logger logs.
        if (destinations.Logs is null)
            services.AddLogging(logging => logging.AddFilter<OpenTelemetryLoggerProvider>(category: null, LogLevel.None));
    }
}

/// <summary>How this broker identifies itself in its telemetry.</summary>
internal sealed class TelemetryResource
{
    private const string Service = "token-broker";

    private readonly string instance = $"{Environment.MachineName}-{Guid.NewGuid():N}";

    // The environment variables come last and take precedence.
    public void Describe(ResourceBuilder resource) => resource.Clear()
        .AddService(Service, serviceVersion: Instrumentation.Version, serviceInstanceId: instance)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();
}

/// <summary>
/// Flushes all signals when the broker stops, in parallel and for two seconds at most. The container would dispose of the providers one by
/// one, and each would wait five seconds for a receiver that does not answer.
/// </summary>
internal sealed class TelemetryFlush(IServiceProvider services) : IHostedService
{
    private const int LongestMilliseconds = 2000;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => services.GetService<MeterProvider>()?.Shutdown(LongestMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetService<TracerProvider>()?.Shutdown(LongestMilliseconds), CancellationToken.None),
        Task.Run(() => services.GetService<LoggerProvider>()?.Shutdown(LongestMilliseconds), CancellationToken.None));
}
