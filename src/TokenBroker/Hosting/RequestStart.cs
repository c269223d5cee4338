using TokenBroker.Telemetry;

namespace TokenBroker.Hosting;

/// <summary>What every request gets before anything looks at it: an id, its patience, and headers that are the same for all answers.</summary>
internal sealed class RequestStart(RequestDelegate next, TimeProvider clock, Lifecycle lifecycle, ILogger<RequestStart> logger)
{
    private static readonly Func<ILogger, string, IDisposable?> LogScope = LoggerMessage.DefineScope<string>("Request {Request}");

    public async Task InvokeAsync(HttpContext context)
    {
        // An id of our own: a caller's would let it write into the log and take the place of another's.
        context.TraceIdentifier = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        context.Features.Set(new Patience(clock));

        // Written last, because an answer that is made anew after a fault starts without headers.
        context.Response.OnStarting(static state =>
        {
            var started = (HttpContext)state;
            var headers = started.Response.Headers;
            headers["X-Request-Id"] = started.TraceIdentifier;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";

            // An answer is data, and no page's; one that is a page says what it needs.
            if (headers.ContentSecurityPolicy.Count == 0)
                headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            return Task.CompletedTask;
        }, context);

        // A caller who keeps its connection must find another replica before this one closes it under a request.
        if (lifecycle.IsStopping && !HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Response.Headers.Connection = "close";

        // The framework has written down its own id by now.
        using (LogScope(logger, context.TraceIdentifier))
            await next(context);
        RequestSpan.End(context);
    }
}
