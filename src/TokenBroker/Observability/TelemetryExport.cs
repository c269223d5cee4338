using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace TokenBroker.Observability;

/// <summary>Runs the exporters while the broker runs, and sends what is left when it stops, without waiting long for whoever takes it.</summary>
internal sealed class TelemetryExport(IServiceProvider services) : IHostedService
{
    private const int LongestFlushMilliseconds = 2000;

    // To have one is to run it; from the beginning, so that nothing is measured before.
    private readonly MeterProvider? metrics = services.GetService<MeterProvider>();
    private readonly TracerProvider? traces = services.GetService<TracerProvider>();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => metrics?.Shutdown(LongestFlushMilliseconds), CancellationToken.None),
        Task.Run(() => traces?.Shutdown(LongestFlushMilliseconds), CancellationToken.None));
}
