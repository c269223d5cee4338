using TokenBroker.Authentication;
using TokenBroker.Failures;

namespace TokenBroker.Auditing;

/// <summary>
/// Samples refusals that cost their sender nothing: requests without a valid JWT, by reason, and requests of a caller over its limit. Each
/// gets at most one event per second, which says how many were left out, and none waits for a slot.
/// </summary>
internal sealed class RefusedCallers(AuditTrail trail, TimeProvider clock)
{
    /// <summary>The most reasons and callers that are told apart at once.</summary>
    public const int Most = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, State> samples = new(StringComparer.Ordinal);

    /// <summary>Records a request without a valid JWT.</summary>
    /// <param name="context">The request.</param>
    /// <param name="issuer">The issuer's name in the configuration; null if the JWT names none of them.</param>
    /// <param name="reason">One of a few words.</param>
    /// <param name="failure">The answer.</param>
    public void RecordUnauthenticated(HttpContext context, string? issuer, string reason, Failure failure)
    {
        if (Sample(reason) is not { } suppressed)
            return;
        var happened = AuditEvent.OfRequest(
            context, new AuditDetails(), AuditEvent.Unauthenticated, AuditEvent.Refused, failure.Kind.Status, reason, clock.GetUtcNow());
        trail.RecordReserved(happened with { Issuer = issuer, Suppressed = suppressed });
    }

    /// <summary>Records a request of a caller over its limit.</summary>
    public void RecordLimited(HttpContext context, AuditDetails details, Caller caller, Failure failure)
    {
        if (Sample($"{failure.Kind.Name}|{caller}") is not { } suppressed)
            return;
        var happened = AuditEvent.OfRequest(
            context, details, AuditEvent.Exchange, AuditEvent.Refused, failure.Kind.Status, failure.Kind.Name, clock.GetUtcNow());
        trail.RecordReserved(happened with { Suppressed = suppressed });
    }

    // How many were left out since the last recorded one; null to leave this one out too.
    private long? Sample(string key)
    {
        lock (gate)
        {
            var sample = samples.TryGetValue(key, out var known) ? known : new State(Since: null, Suppressed: 0);
            if (known is null && samples.Count >= Most)
                Forget();
            if ((sample.Since is { } since && clock.GetElapsedTime(since) < Interval) || samples.Count > Most || !trail.TryReserve())
            {
                if (known is not null || samples.Count < Most)
                    samples[key] = sample with { Suppressed = sample.Suppressed + 1 };
                return null;
            }

            samples[key] = new State(clock.GetTimestamp(), Suppressed: 0);
            return sample.Suppressed;
        }
    }

    private void Forget()
    {
        foreach (var (key, sample) in samples)
        {
            if (sample.Since is not { } since || clock.GetElapsedTime(since) >= Interval)
                samples.Remove(key);
        }
    }

    private sealed record State(long? Since, long Suppressed);
}
