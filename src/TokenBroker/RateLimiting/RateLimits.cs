using System.Net;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;
using TokenBroker.Telemetry;

namespace TokenBroker.RateLimiting;

/// <summary>The limits there are; all of them null where they are switched off.</summary>
internal sealed partial class RateLimits
{
    // GitHub allows the whole installation 5000 requests an hour, which a few callers at their full rate would use up.
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
        Callers = new RateLimit("caller", size, TooMany($"This caller may ask {size.PerMinute} times a minute, and {size.Count} times at once."), clock, metrics);
        Addresses = new RateLimit("address", size, TooMany("Too many requests without a valid JWT came from this address."), clock, metrics);
        GitHub = new RateLimit("github", small, new Failure(FailureKinds.TooManyGitHubRequests,
            $"This caller may have GitHub asked {small.PerMinute} times a minute, and {small.Count} times at once. What is cached is not counted."), clock, metrics);
    }

    /// <summary>How often a caller may ask.</summary>
    public RateLimit? Callers { get; }

    /// <summary>How often a caller may ask for what GitHub must be asked for.</summary>
    public RateLimit? GitHub { get; }

    /// <summary>How often requests that do not authenticate may come from an address.</summary>
    public RateLimit? Addresses { get; }

    /// <summary>Counts a request without a valid JWT by its address; a failure if it is one too many.</summary>
    public Failure? CountAddress(HttpContext context)
    {
        if (Addresses?.Take(BucketKey.Of(context.Connection.RemoteIpAddress), out var bucket) is not { } failure)
            return null;
        Addresses.Tell(context.Response.Headers, bucket);
        Log.Limited(logger, context.Connection.RemoteIpAddress);
        return failure;
    }

    private static Failure TooMany(string detail) => new(FailureKinds.TooManyRequests, detail);

    private static partial class Log
    {
        // Whoever guesses must not fill the log too.
        [LoggerMessage(1, LogLevel.Debug, "Answered too-many-requests: {Address}")]
        public static partial void Limited(ILogger logger, IPAddress? address);
    }
}
