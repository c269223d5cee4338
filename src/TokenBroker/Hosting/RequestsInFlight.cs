using Microsoft.Extensions.Options;
using TokenBroker.Failures;

namespace TokenBroker.Hosting;

/// <summary>
/// Refuses requests beyond what this replica can hold, before anything is done for them. Requests in flight, such as those that wait for a
/// mint, are not affected.
/// </summary>
internal sealed class RequestsInFlight(RequestDelegate next, IOptions<OverloadOptions> options)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private readonly int most = options.Value.MaxConcurrentRequests;
    private int count;

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AlwaysAnswered>() is not null)
        {
            await next(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref count) <= most)
                await next(context);
            else
                await new FailureResult(new Failure(FailureKinds.Overloaded, "Too many requests are in flight.") { RetryAfter = Wait }).ExecuteAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }
}

/// <summary>Marks an endpoint that is answered even under overload: a busy replica must not be taken for a dead one.</summary>
internal sealed class AlwaysAnswered;
