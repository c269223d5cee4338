using TokenBroker.Failures;

namespace TokenBroker.Auditing;

/// <summary>
/// Samples refusals of requests without a valid JWT: anybody on the network can send these, so there is at most one event a second for each
/// reason, which says how many were left out, and none waits for a place.
/// </summary>
internal sealed class RefusedCallers(AuditTrail trail, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Sample> samples = new(StringComparer.Ordinal);

    /// <param name="context">The request.</param>
    /// <param name="issuer">The issuer's name in the configuration; null where the JWT is of none of them.</param>
    /// <param name="reason">One of few words.</param>
    /// <param name="failure">What it is answered with.</param>
    public void Tell(HttpContext context, string? issuer, string reason, Failure failure)
    {
        long suppressed;
        lock (gate)
        {
            var sample = samples.TryGetValue(reason, out var known) ? known : new Sample(Since: null, Suppressed: 0);
            if ((sample.Since is { } since && clock.GetElapsedTime(since) < Interval) || !trail.TryReserve())
            {
                samples[reason] = sample with { Suppressed = sample.Suppressed + 1 };
                return;
            }

            suppressed = sample.Suppressed;
            samples[reason] = new Sample(clock.GetTimestamp(), Suppressed: 0);
        }

        var happened = AuditEvent.Of(context, AuditEvent.Unauthenticated, AuditEvent.Refused, failure.Kind.Status, reason, clock.GetUtcNow());
        trail.RecordReserved(happened with { Issuer = issuer, Suppressed = suppressed });
    }

    private sealed record Sample(long? Since, long Suppressed);
}
