using System.Diagnostics;

namespace TokenBroker.Telemetry;

/// <summary>
/// The trace that a caller says its request belongs to. Strangers may say so too, and one without the sampled flag would hide its request:
/// every request is the root of a trace of its own, and links to the caller's.
/// </summary>
// See https://www.w3.org/TR/trace-context/#security-considerations
internal sealed class CallerTrace : DistributedContextPropagator
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields => [];

    /// <summary>The caller's trace, if its request names exactly one. Its <c>tracestate</c> is dropped.</summary>
    public static ActivityLink? LinkOf(HttpRequest request) =>
        request.Headers.TraceParent is [{ } parent] && ActivityContext.TryParse(parent, traceState: null, isRemote: true, out var context) ? new ActivityLink(context) : null;

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        // The framework asks for nothing here: it sends no request by this one.
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) => traceId = traceState = null;

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
