using Microsoft.AspNetCore.Http.Features;
using TokenBroker.Failures;

namespace TokenBroker.Hosting;

/// <summary>Refuses bodies over 64 kB, also on paths that read none.</summary>
internal sealed class RequestLimits(RequestDelegate next)
{
    public const long LargestBody = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            if (context.Request.ContentLength > LargestBody)
                throw new BadHttpRequestException("Content-Length", StatusCodes.Status413PayloadTooLarge);
            if (context.Request.ContentLength is null && context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true })
                await BufferAsync(context);
        }
        catch (BadHttpRequestException exception)
        {
            var kind = FailureKinds.For(exception.StatusCode);
            var detail = kind == FailureKinds.BodyTooLarge ? $"A request body may have {LargestBody} bytes at most." : "The request body cannot be read.";
            await new FailureResult(new Failure(kind, detail)).ExecuteAsync(context);
            return;
        }

        await next(context);
    }

    // A body sent in chunks tells its size only when it is read; Kestrel ends the reading at its limit.
    private static async Task BufferAsync(HttpContext context)
    {
        var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        buffer.Position = 0;
        context.Request.Body = buffer;
    }
}
