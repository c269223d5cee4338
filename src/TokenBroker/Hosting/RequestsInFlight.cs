using Microsoft.Extensions.Options;
using TokenBroker.Failures;

namespace TokenBroker.Hosting;

/// <summary>
/// Refuses requests that are more than this replica can hold, before anything is done for them. Those that are in flight already, and wait
/// for a mint, stay.
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
                await new FailureResult(new Failure(FailureKinds.Overloaded, "This broker serves as many requests as it can.") { RetryAfter = Wait }).ExecuteAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }
}
