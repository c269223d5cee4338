using OpenTelemetry.Resources;

namespace TokenBroker.Telemetry;

/// <summary>How this broker names itself to whoever gets its telemetry, by whatever way.</summary>
internal sealed class TelemetryResource
{
    private const string Service = "token-broker";

    private readonly string instance = $"{Environment.MachineName}-{Guid.NewGuid():N}";

    // What the variables say comes later and wins.
    public void Describe(ResourceBuilder resource) => resource.Clear()
        .AddService(Service, serviceVersion: Instrumentation.Version, serviceInstanceId: instance)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();
}
