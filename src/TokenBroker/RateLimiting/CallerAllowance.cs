using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.RateLimiting;

/// <summary>What the caller of a request may still have. Part of every request that is limited.</summary>
internal sealed class CallerAllowance
{
    private readonly RateLimits limits;
    private readonly BucketKey caller;
    private (RateLimit Limit, Bucket Bucket)? last;

    public CallerAllowance(RateLimits limits, BucketKey caller)
    {
        (this.limits, this.caller) = (limits, caller);

        // What runs on after its request has ended pays from the bucket, and never tells the request.
        Permit = new StartPermit(TakeForGitHub, () => limits.GitHub!.GiveBack(caller), () => limits.GitHub!.Charge(caller));
    }

    /// <summary>Pays for what GitHub is asked for the request.</summary>
    public StartPermit Permit { get; }

    /// <summary>Counts the request; a failure if it is one too many.</summary>
    public Failure? Take() => Take(limits.Callers!);

    /// <summary>Tells the caller what it may still have, by the limit that the request last met.</summary>
    public void Tell(HttpResponse response)
    {
        if (last is { } met)
            met.Limit.Tell(response.Headers, met.Bucket);
    }

    /// <summary>What pays for the work of a request that others may have begun, which costs only whoever begins it; null where nothing is limited.</summary>
    public static StartPermit? PermitOf(HttpContext context) => context.Features.Get<CallerAllowance>()?.Permit;

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
