using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.RateLimiting;

/// <summary>What the caller of a request may still have. Part of every request that is limited.</summary>
internal sealed class CallerAllowance(RateLimits limits, BucketKey caller)
{
    private (RateLimit Limit, Bucket Bucket)? last;

    /// <summary>Counts the request; a failure if it is one too many.</summary>
    public Failure? Take() => Take(limits.Callers!);

    /// <summary>Tells the caller what it may still have, by the limit that the request last met.</summary>
    public void Tell(HttpResponse response)
    {
        if (last is { } met)
            met.Limit.Tell(response.Headers, met.Bucket);
    }

    /// <summary>Counts a request that GitHub is about to be asked for.</summary>
    /// <exception cref="FailureException">It is one too many.</exception>
    public static void TakeForGitHub(HttpContext context)
    {
        if (PermitOf(context)?.Take() is { } failure)
            throw new FailureException(failure);
    }

    /// <summary>The same for work that others may have begun, which costs only whoever begins it; null where nothing is limited.</summary>
    public static StartPermit? PermitOf(HttpContext context) => context.Features.Get<CallerAllowance>()?.Permit();

    // What runs on after its request has ended gives back to the bucket and never to the request.
    private StartPermit Permit() => new(TakeForGitHub, () => limits.GitHub!.GiveBack(caller));

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
