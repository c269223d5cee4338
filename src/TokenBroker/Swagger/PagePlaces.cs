using TokenBroker.Failures;

namespace TokenBroker.Swagger;

/// <summary>
/// Sends the page and its document to so many at once, and to each for so long: whoever reads slowly holds a request in flight, and needs no
/// JWT for it.
/// </summary>
internal sealed class PagePlaces(RequestDelegate next, TimeProvider clock)
{
    public const int Most = 128;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private int count;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (Interlocked.Increment(ref count) > Most)
            {
                await new FailureResult(new Failure(FailureKinds.Overloaded, "This page is sent to as many as it can be.") { RetryAfter = Wait }).ExecuteAsync(context);
                return;
            }

            await using var deadline = clock.CreateTimer(static state => ((HttpContext)state!).Abort(), context, Longest, Timeout.InfiniteTimeSpan);
            await next(context);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }
}
