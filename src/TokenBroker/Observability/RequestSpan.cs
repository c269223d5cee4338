using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Observability;

/// <summary>Says of a request's span what the framework does not: its route and how it ended.</summary>
// See https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server
internal static class RequestSpan
{
    public static void End(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
            return;

        if (CallerTrace.LinkOf(context.Request) is { } link)
            span.AddLink(link);
        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status).SetTag("token_broker.request_id", context.TraceIdentifier);
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{context.Request.Method} {route}";
            span.SetTag("http.route", route);
        }

        if (status >= StatusCodes.Status500InternalServerError)
            span.SetStatus(ActivityStatusCode.Error);
    }
}
