namespace TokenBroker.Observability;

/// <summary>What the broker shows of itself: metrics, traces, logs and health.</summary>
internal static class ObservabilityRegistration
{
    public static void AddObservability(this WebApplicationBuilder builder)
    {
        builder.AddTelemetry();
        builder.AddLogs();
        builder.Services.AddHealth();
    }
}
