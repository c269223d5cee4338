using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace TokenBroker.Observability;

/// <summary>Runs the exporters while the broker runs, and sends what is left when it stops, without waiting long for whoever takes it.</summary>
internal sealed class TelemetryExport(IServiceProvider services) : IHostedService
{
    private const int LongestFlushMilliseconds = 2000;

    private MeterProvider? metrics;
    private TracerProvider? traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // To have one is to run it.
        metrics = services.GetService<MeterProvider>();
        traces = services.GetService<TracerProvider>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => metrics?.Shutdown(LongestFlushMilliseconds), CancellationToken.None),
        Task.Run(() => traces?.Shutdown(LongestFlushMilliseconds), CancellationToken.None));
}
