using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace TokenBroker.Telemetry;

/// <summary>
/// Sends what is left when the broker stops, all signals at once and for two seconds at most. Left to the container, which disposes one
/// provider after the other, each would wait five seconds for a receiver that does not answer.
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
