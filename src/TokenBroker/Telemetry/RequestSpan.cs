using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Telemetry;

/// <summary>
/// Sets all tags of a request's span: its method, its route and how it ended. The framework would add the agent, the host, the method and
/// the path as they were sent, which a stranger can choose.
/// </summary>
// See https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
internal static class RequestSpan
{
    private const string OtherMethod = "_OTHER";
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];

    public static void End(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
            return;

        if (CallerTrace.LinkOf(context.Request) is { } link)
            span.AddLink(link);
        var status = context.Response.StatusCode;
        var method = Methods.Contains(context.Request.Method, StringComparer.Ordinal) ? context.Request.Method : OtherMethod;
        span.DisplayName = method == OtherMethod ? "HTTP" : method;
        span.SetTag("http.request.method", method).SetTag("url.scheme", context.Request.IsHttps ? "https" : "http");
        span.SetTag("http.response.status_code", status).SetTag("token_broker.request_id", context.TraceIdentifier);
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName += " " + route;
            span.SetTag("http.route", route);
        }

        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }
}

/// <summary>
/// The trace that a request claims to belong to. A stranger can claim one too, and without the sampled flag would hide its request: so
/// every request is the root of its own trace, which links to the caller's.
/// </summary>
// See https://www.w3.org/TR/trace-context/#security-considerations
internal sealed class CallerTrace : DistributedContextPropagator
{
    /// <inheritdoc/>
    public override IReadOnlyCollection<string> Fields => [];

    /// <summary>The caller's trace if the request names exactly one. Its <c>tracestate</c> is dropped.</summary>
    public static ActivityLink? LinkOf(HttpRequest request) =>
        request.Headers.TraceParent is [{ } parent]
        && ActivityContext.TryParse(parent, traceState: null, isRemote: true, out var context) ? new ActivityLink(context) : null;

    /// <inheritdoc/>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        // The framework sends no request through this propagator.
    }

    /// <inheritdoc/>
    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) => traceId = traceState = null;

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
