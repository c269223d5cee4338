using TokenBroker.Runners;
using TokenBroker.Telemetry;

namespace TokenBroker.Hosting;

/// <summary>Gives every request its id, its deadline and the headers that all answers share.</summary>
internal sealed class RequestStart(RequestDelegate next, TimeProvider clock, Lifecycle lifecycle, ILogger<RequestStart> logger)
{
    private static readonly Func<ILogger, string, IDisposable?> LogScope = LoggerMessage.DefineScope<string>("Request {Request}");

    public async Task InvokeAsync(HttpContext context)
    {
        // Never the caller's own id: it could write into the log with it, or reuse another request's.
        context.TraceIdentifier = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        RunnerExchange.Begin(context, clock);

        // Written last, because an answer that is made anew after a fault starts without headers.
        context.Response.OnStarting(static state =>
        {
            var started = (HttpContext)state;
            var headers = started.Response.Headers;
            headers["X-Request-Id"] = started.TraceIdentifier;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";

            // Answers are data, not pages; a page states its own policy.
            if (headers.ContentSecurityPolicy.Count == 0)
                headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            return Task.CompletedTask;
        }, context);

        // A caller that reuses its connection must move to another replica before this one closes it under a request.
        if (lifecycle.IsStopping && !HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Response.Headers.Connection = "close";

        // The framework's own log scope was opened with its own id.
        using (LogScope(logger, context.TraceIdentifier))
            await next(context);
        RequestSpan.End(context);
    }
}
