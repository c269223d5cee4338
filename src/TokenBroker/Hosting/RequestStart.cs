namespace TokenBroker.Hosting;

/// <summary>What every request gets before anything looks at it: an id, its patience, and headers that are the same for all answers.</summary>
internal sealed class RequestStart(RequestDelegate next, TimeProvider clock, Lifecycle lifecycle)
{
    public Task InvokeAsync(HttpContext context)
    {
        // An id of our own: a caller's would let it write into the log and take the place of another's.
        context.TraceIdentifier = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        context.Features.Set(new Patience(clock));

        // Written last, because an answer that is made anew after a fault starts without headers.
        context.Response.OnStarting(static state =>
        {
            var started = (HttpContext)state;
            started.Response.Headers["X-Request-Id"] = started.TraceIdentifier;
            started.Response.Headers.XContentTypeOptions = "nosniff";
            return Task.CompletedTask;
        }, context);

        // A caller who keeps its connection must find another replica before this one closes it under a request.
        if (lifecycle.IsStopping && !HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return next(context);
    }
}
