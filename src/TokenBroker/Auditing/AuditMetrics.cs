using System.Diagnostics.Metrics;
using TokenBroker.Telemetry;

namespace TokenBroker.Auditing;

/// <summary>What the audit trail does, in numbers.</summary>
internal sealed class AuditMetrics
{
    private readonly Meter meter;
    private readonly Counter<long> events;

    public AuditMetrics(IMeterFactory meters)
    {
        meter = meters.Create(Instrumentation.Name, Instrumentation.Version);
        events = meter.CreateCounter<long>("token_broker.audit.events", "{event}", "Audit events.");
    }

    public void Watch(Func<long> waiting) => meter.CreateObservableGauge("token_broker.audit.queue", waiting, "{event}", "Audit events that are not written yet.");

    public void Recorded(AuditEvent happened) => events.Add(1, new("event", happened.Name), new("outcome", happened.Outcome));
}
