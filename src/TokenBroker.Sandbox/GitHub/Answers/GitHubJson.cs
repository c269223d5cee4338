using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Answers;

/// <summary>Writes JSON and moments in GitHub's way.</summary>
internal static class GitHubJson
{
    private const string JsonType = "application/json; charset=utf-8";

    // GitHub sends apostrophes as they are.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, int status, JsonNode body)
    {
        var json = body.ToJsonString(Plain);
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status200OK && HttpMethods.IsGet(context.Request.Method) && EntityTag.Matches(context, json))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = JsonType;
        await context.Response.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>The address of the API as the client reached it, without a slash at the end.</summary>
    public static string Base(HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}";

    public static string Moment(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>With milliseconds and an offset, as GitHub writes some expiries.</summary>
    public static string MomentInCalifornia(DateTimeOffset moment) =>
        moment.ToOffset(TimeSpan.FromHours(-8)).ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
}
