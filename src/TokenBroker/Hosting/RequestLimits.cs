using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Auditing;
using TokenBroker.Failures;

namespace TokenBroker.Hosting;

/// <summary>
/// Refuses what no client has a reason to send, also on paths that read no body: bodies over 64 kB, bodies that take all of a request's
/// time to come, and paths that name something else than they seem to.
/// </summary>
internal sealed class RequestLimits(RequestDelegate next, AuditTrail trail)
{
    public const long LargestBody = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        if (await FindAsync(context) is { } failure)
            await trail.AnswerAsync(context, failure);
        else
            await next(context);
    }

    private static async Task<Failure?> FindAsync(HttpContext context)
    {
        // The server has taken them out by now: "/labels/.." is the runner itself. Where nothing is left of the path, 404 says enough.
        if (context.GetEndpoint() is RouteEndpoint && HoldsDotSegments(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget))
            return new Failure(FailureKinds.InvalidRequest, "The path must not hold '.' or '..' as a part.");
        if (context.Request.ContentLength > LargestBody)
            return TooLarge;

        // What anyone may ask for, and what does not exist, reads no body. Kept in memory, it would be a stranger's.
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true } || context.GetEndpoint() is not { } endpoint)
            return null;
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return new Failure(FailureKinds.BodyTooLarge, "This path takes no body.");
        try
        {
            await Patience.Of(context).WithinAsync(cancellation => BufferAsync(context, cancellation), context.RequestAborted);
            return null;
        }
        catch (FailureException)
        {
            return new Failure(FailureKinds.BodyTooSlow, "The request body did not come in time.");
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : Unreadable(FailureKinds.For(exception.StatusCode));
        }
        catch (IOException)
        {
            // So the server calls a chunk whose size is no number it can hold.
            return Unreadable(FailureKinds.InvalidRequest);
        }
    }

    private static Failure Unreadable(FailureKind kind) => new(kind, "The request body cannot be read.");

    private static Failure TooLarge => new(FailureKinds.BodyTooLarge, $"A request body may have {LargestBody} bytes at most.");

    // A body sent in chunks tells its size only when it is read; Kestrel ends the reading at its limit.
    private static async Task<Stream> BufferAsync(HttpContext context, CancellationToken cancellation)
    {
        var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancellation);
        buffer.Position = 0;
        return context.Request.Body = buffer;
    }

    private static bool HoldsDotSegments(string target) =>
        target.Split('?')[0].Split('/').Any(part => Uri.UnescapeDataString(part) is "." or "..");
}
