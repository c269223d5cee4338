using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Caching;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.RateLimiting;

/// <summary>The three limits; all null if they are switched off.</summary>
internal sealed partial class RateLimits
{
    // GitHub allows an installation 5,000 requests per hour, which a few callers at their full rate would use up.
    // See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
    private const int RequestsPerGitHubRequest = 6;

    private readonly ILogger<RateLimits> logger;

    public RateLimits(IOptions<RateLimitOptions> options, TimeProvider clock, BrokerMetrics metrics, ILogger<RateLimits> logger)
    {
        this.logger = logger;
        if (options.Value.RequestsPerMinute == 0)
            return;
        var size = new BucketSize(options.Value.Burst, options.Value.RequestsPerMinute);
        var small = size.DividedBy(RequestsPerGitHubRequest);
        Callers = new RateLimit(
            "caller",
            size,
            TooMany($"This caller may send {size.PerMinute} requests per minute, in bursts of up to {size.Count}."),
            clock,
            metrics);
        Addresses = new RateLimit(
            "address", size, TooMany("Too many requests without a valid JWT came from this address."), clock, metrics);
        GitHub = new RateLimit(
            "github",
            small,
            new Failure(
                FailureKinds.TooManyGitHubRequests,
                $"{small.PerMinute} requests per minute from this caller may reach GitHub, in bursts of up to {small.Count}. "
                + "Cached answers do not count."),
            clock,
            metrics);
    }

    /// <summary>Requests per caller.</summary>
    public RateLimit? Callers { get; }

    /// <summary>Requests to GitHub per caller.</summary>
    public RateLimit? GitHub { get; }

    /// <summary>Requests without a valid JWT per client address.</summary>
    public RateLimit? Addresses { get; }

    /// <summary>Counts a request without a valid JWT by its address; a failure if the limit is reached.</summary>
    public Failure? CountAddress(HttpContext context)
    {
        if (Addresses?.Take(BucketKey.For(context.Connection.RemoteIpAddress), out var bucket) is not { } failure)
            return null;
        Addresses.WriteHeaders(context.Response.Headers, bucket);
        Log.Limited(logger, context.Connection.RemoteIpAddress);
        return failure;
    }

    private static Failure TooMany(string detail) => new(FailureKinds.TooManyRequests, detail);

    private static partial class Log
    {
        // A client that guesses JWTs must not fill the log.
        [LoggerMessage(1, LogLevel.Debug, "Answered too-many-requests: {Address}")]
        public static partial void Limited(ILogger logger, IPAddress? address);
    }
}

/// <summary>One limit: its buckets, and the answer for an empty one.</summary>
/// <param name="name">Its name in headers and metrics.</param>
/// <param name="size">The size of each bucket.</param>
/// <param name="refusal">The answer for an empty bucket.</param>
/// <param name="clock">The clock that fills the buckets.</param>
/// <param name="metrics">Where refusals are counted.</param>
internal sealed class RateLimit(string name, BucketSize size, Failure refusal, TimeProvider clock, BrokerMetrics metrics)
{
    private readonly BucketTable buckets = new(size, clock);

    /// <summary>Takes a token from the key's bucket; a failure if it is empty.</summary>
    public Failure? Take(BucketKey key, out Bucket bucket)
    {
        bucket = buckets.Take(key);
        if (bucket.IsTaken)
            return null;
        metrics.Limited(name);
        return refusal with { RetryAfter = bucket.NextIn };
    }

    /// <summary>Takes a token even from an empty bucket.</summary>
    public void Charge(BucketKey key) => buckets.Charge(key);

    /// <summary>Returns a token that was not needed.</summary>
    public void GiveBack(BucketKey key) => buckets.GiveBack(key);

    /// <summary>Writes the limit, and what is left of it.</summary>
    // See https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    public void WriteHeaders(IHeaderDictionary headers, Bucket bucket)
    {
        var window = (size.TicksToFill + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={size.Count};w={window}");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";r={bucket.Left};t={bucket.NextInSeconds}");
    }
}

/// <summary>What the caller of one request may still ask for.</summary>
internal sealed class CallerAllowance
{
    private readonly RateLimits limits;
    private readonly BucketKey caller;
    private (RateLimit Limit, Bucket Bucket)? last;

    public CallerAllowance(RateLimits limits, BucketKey caller)
    {
        (this.limits, this.caller) = (limits, caller);

        // Work that outlives its request pays from the bucket and never touches the request.
        Permit = new StartPermit(TakeForGitHub, () => limits.GitHub!.GiveBack(caller), () => limits.GitHub!.Charge(caller));
    }

    /// <summary>Pays for the requests to GitHub that the request causes.</summary>
    public StartPermit Permit { get; }

    /// <summary>Counts the request; a failure if it is one too many.</summary>
    public Failure? Take() => Take(limits.Callers!);

    /// <summary>Writes what the caller may still ask for, by the limit that the request met last.</summary>
    public void WriteHeaders(HttpResponse response)
    {
        if (last is { } met)
            met.Limit.WriteHeaders(response.Headers, met.Bucket);
    }

    private Failure? TakeForGitHub()
    {
        var requests = last;
        var failure = Take(limits.GitHub!);
        if (failure is null)
            last = requests;
        return failure;
    }

    private Failure? Take(RateLimit limit)
    {
        var failure = limit.Take(caller, out var bucket);
        last = (limit, bucket);
        return failure;
    }
}

/// <summary>Counts requests for anonymous pages by client address, like those without a valid JWT; 429 beyond the limit.</summary>
internal sealed class AddressLimits(RequestDelegate next, RateLimits limits)
{
    public Task InvokeAsync(HttpContext context) =>
        limits.CountAddress(context) is { } failure ? new FailureResult(failure).ExecuteAsync(context) : next(context);
}
