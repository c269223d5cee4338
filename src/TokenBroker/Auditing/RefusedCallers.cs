using TokenBroker.Authentication;
using TokenBroker.Failures;

namespace TokenBroker.Auditing;

/// <summary>
/// Samples refusals that cost their sender nothing: those without a valid JWT, by their reason, and those of a caller that asks too often. There is at
/// most one event a second for each, which says how many were left out, and none waits for a place.
/// </summary>
internal sealed class RefusedCallers(AuditTrail trail, TimeProvider clock)
{
    /// <summary>Callers that are told apart at once.</summary>
    public const int Most = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Sample> samples = new(StringComparer.Ordinal);

    /// <summary>Tells of a request without a valid JWT.</summary>
    /// <param name="context">The request.</param>
    /// <param name="issuer">The issuer's name in the configuration; null where the JWT is of none of them.</param>
    /// <param name="reason">One of few words.</param>
    /// <param name="failure">What it is answered with.</param>
    public void Tell(HttpContext context, string? issuer, string reason, Failure failure)
    {
        if (Take(reason) is not { } suppressed)
            return;
        var happened = AuditEvent.Of(context, AuditEvent.Unauthenticated, AuditEvent.Refused, failure.Kind.Status, reason, clock.GetUtcNow());
        trail.RecordReserved(happened with { Issuer = issuer, Suppressed = suppressed });
    }

    /// <summary>Tells of a request of a caller that asks too often.</summary>
    public void Tell(HttpContext context, Caller caller, Failure failure)
    {
        if (AuditRegistration.IsAudited(context) && Take($"{failure.Kind.Name}|{caller}") is { } suppressed)
            trail.RecordReserved(AuditEvent.Of(context, AuditEvent.Exchange, AuditEvent.Refused, failure.Kind.Status, failure.Kind.Name, clock.GetUtcNow()) with { Suppressed = suppressed });
    }

    // How many were left out since the last one that was told; null to leave this one out too.
    private long? Take(string key)
    {
        lock (gate)
        {
            var sample = samples.TryGetValue(key, out var known) ? known : new Sample(Since: null, Suppressed: 0);
            if (known is null && samples.Count >= Most)
                Forget();
            if ((sample.Since is { } since && clock.GetElapsedTime(since) < Interval) || samples.Count > Most || !trail.TryReserve())
            {
                if (known is not null || samples.Count < Most)
                    samples[key] = sample with { Suppressed = sample.Suppressed + 1 };
                return null;
            }

            samples[key] = new Sample(clock.GetTimestamp(), Suppressed: 0);
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

    private sealed record Sample(long? Since, long Suppressed);
}
