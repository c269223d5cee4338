using System.Globalization;
using System.Text;
using TokenBroker.Sandbox.GitHub.Checks;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>Broken responses: from a proxy in front of GitHub, or cut short.</summary>
internal static class BrokenAnswer
{
    private const string WebPage =
        "<!DOCTYPE html>\n<html><head><title>Unicorn! · GitHub</title></head>"
        + "<body><p>This page is taking too long to load.</p></body></html>\n";
    private const string HalfAToken = "{\"token\":\"AABF3JGZDX3P5PMEXLND6TS";

    public static Task WriteAsync(HttpContext context, SandboxFault fault)
    {
        // The API does not answer here, so there are no headers about limits.
        HourlyQuota.Undescribe(context);
        return fault.Name switch
        {
            SandboxFaultNames.BadGateway or SandboxFaultNames.BadGatewayAfterEffect => BareAsync(context, StatusCodes.Status502BadGateway),
            SandboxFaultNames.Unavailable => UnavailableAsync(context, fault),
            SandboxFaultNames.Reset or SandboxFaultNames.ResetAfterEffect => ResetAsync(context),
            SandboxFaultNames.ResetMidway => ResetMidwayAsync(context),
            SandboxFaultNames.Html => SuccessAsync(context, "text/html; charset=utf-8", WebPage),
            SandboxFaultNames.TruncatedJson => SuccessAsync(context, "application/json; charset=utf-8", HalfAToken),
            _ => throw new InvalidOperationException($"The fault {fault.Name} has no response."),
        };
    }

    private static int Success(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && SandboxRequest.Of(context).Kind != SandboxRequestKind.LabelAddition
            ? StatusCodes.Status201Created : StatusCodes.Status200OK;

    private static Task BareAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task UnavailableAsync(HttpContext context, SandboxFault fault)
    {
        if (fault.Seconds is { } seconds)
            context.Response.Headers.RetryAfter = Math.Ceiling(seconds).ToString(CultureInfo.InvariantCulture);
        return BareAsync(context, StatusCodes.Status503ServiceUnavailable);
    }

    private static Task ResetAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    private static async Task ResetMidwayAsync(HttpContext context)
    {
        // Kestrel closes a connection on which less was sent than announced. Aborting it would also drop what was sent.
        context.Response.ContentLength = 2 * HalfAToken.Length;
        await SuccessAsync(context, "application/json; charset=utf-8", HalfAToken);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task SuccessAsync(HttpContext context, string type, string body)
    {
        context.Response.StatusCode = Success(context);
        context.Response.ContentType = type;
        await context.Response.WriteAsync(body, Encoding.UTF8, context.RequestAborted);
    }
}
