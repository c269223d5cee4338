using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using TokenBroker.Failures;

namespace TokenBroker.Hosting;

/// <summary>
/// Refuses requests beyond what this replica can hold, before anything is done for them. Requests in flight, such as those that wait for a
/// mint, are not affected.
/// </summary>
internal sealed class RequestsInFlight(RequestDelegate next, IOptions<OverloadOptions> options)
{
    private static readonly Failure Overloaded = new(FailureKinds.Overloaded, "Too many requests are in flight.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };

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
                await new FailureResult(Overloaded).ExecuteAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref count);
        }
    }
}

/// <summary>Marks an endpoint that is answered even under overload: a busy replica must not be taken for a dead one.</summary>
internal sealed class AlwaysAnswered;

/// <summary>Section <c>Overload</c>: how many requests one replica accepts.</summary>
public sealed class OverloadOptions
{
    public const string Section = "Overload";

    /// <summary>
    /// How many requests may be in flight in this replica; further ones get 503 at once. Each may hold tens of kilobytes while it waits, so
    /// 7,500 fit into the chart's 512 MB. At least 1; default 7,500.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxConcurrentRequests { get; set; } = 7_500;
}
