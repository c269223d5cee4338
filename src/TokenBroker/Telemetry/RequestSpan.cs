using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Telemetry;

/// <summary>
/// Says of a request's span all that it says: how it was asked, its route and how it ended. The framework would add the agent, the host, the method and
/// the path as they were sent, which is whatever a stranger likes to write.
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
