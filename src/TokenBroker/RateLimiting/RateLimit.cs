using System.Globalization;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.RateLimiting;

/// <summary>One limit: its buckets, and what those are told who find theirs empty.</summary>
/// <param name="name">Its name in headers and metrics.</param>
/// <param name="size">The size of each bucket.</param>
/// <param name="refusal">What is answered where a bucket is empty.</param>
/// <param name="clock">The clock that fills the buckets.</param>
/// <param name="metrics">Where refusals are counted.</param>
internal sealed class RateLimit(string name, BucketSize size, Failure refusal, TimeProvider clock, BrokerMetrics metrics)
{
    private readonly BucketTable buckets = new(size, clock);

    /// <summary>Takes a token from the key's bucket; a failure if there is none.</summary>
    public Failure? Take(BucketKey key, out Bucket bucket)
    {
        bucket = buckets.Take(key);
        if (bucket.IsTaken)
            return null;
        metrics.Limited(name);
        return refusal with { RetryAfter = bucket.NextIn };
    }

    /// <summary>Takes a token whether there is one or not.</summary>
    public void Charge(BucketKey key) => buckets.Charge(key);

    /// <summary>Puts back a token that was not needed.</summary>
    public void GiveBack(BucketKey key) => buckets.GiveBack(key);

    /// <summary>Tells a client how often it may ask, and how much of that is left.</summary>
    // See https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    public void Tell(IHeaderDictionary headers, Bucket bucket)
    {
        var window = (size.TicksToFill + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={size.Count};w={window}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={bucket.Left};t={bucket.NextInSeconds}");
    }
}
