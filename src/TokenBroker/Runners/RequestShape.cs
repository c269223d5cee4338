using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Failures;

namespace TokenBroker.Runners;

/// <summary>
/// What no client has a reason to send, also on paths that read no body: bodies over 64 kB, bodies that take all of a request's time to
/// arrive, and paths that name something other than they seem to.
/// </summary>
internal static class RequestShape
{
    public const long LargestBody = 64 * 1024;

    private static Failure TooLarge => new(FailureKinds.BodyTooLarge, $"The request body must not exceed {LargestBody} bytes.");

    /// <summary>Reads the body into memory; a failure if the request cannot be taken as it was sent.</summary>
    public static async Task<Failure?> RejectAsync(HttpContext context, RequestDeadline deadline)
    {
        // The server has removed them by now: "/labels/.." is the runner itself. If the whole path is gone, a 404 is enough.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (context.GetEndpoint() is RouteEndpoint && HoldsDotSegments(target))
            return new Failure(FailureKinds.InvalidRequest, "The path must not contain '.' or '..' as a segment.");
        if (context.Request.ContentLength > LargestBody)
            return TooLarge;

        // Anonymous endpoints and paths that do not exist read no body. Kept in memory, it would be a stranger's.
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        if (!canHaveBody || context.GetEndpoint() is not { } endpoint)
            return null;
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            return new Failure(FailureKinds.BodyTooLarge, "This path takes no body.");
        try
        {
            await deadline.RunAsync(cancellation => BufferAsync(context, cancellation), context.RequestAborted);
            return null;
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return new Failure(FailureKinds.BodyTooSlow, "The request body was not received in time.");
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge
                : Unreadable(FailureKinds.For(exception.StatusCode));
        }
        catch (IOException)
        {
            // The server's exception for a chunk whose size overflows.
            return Unreadable(FailureKinds.InvalidRequest);
        }
    }

    private static Failure Unreadable(FailureKind kind) => new(kind, "The request body cannot be read.");

    // A chunked body shows its size only while it is read; Kestrel stops at its limit.
    private static async Task<Stream> BufferAsync(HttpContext context, CancellationToken cancellation)
    {
        var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, cancellation);
        buffer.Position = 0;
        return context.Request.Body = buffer;
    }

    private static bool HoldsDotSegments(string target) =>
        target.Split('?')[0].Split('/').Any(segment => Uri.UnescapeDataString(segment) is "." or "..");
}
