using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.Issuer;

/// <summary>Signs whatever claims are posted. No issuer in the world does this; it is what makes this one useful.</summary>
internal sealed class TokenEndpoint(Func<JsonObject?, string> sign)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/token", AnswerAsync);

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        JsonObject? claims;
        try
        {
            claims = string.IsNullOrWhiteSpace(text)
                ? null
                : JsonNode.Parse(text, nodeOptions: null, Strict) as JsonObject ?? throw new JsonException("it is not an object");
        }
        catch (JsonException exception)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(
                $"The body must be a JSON object of claims, or nothing: {exception.Message}\n",
                context.RequestAborted);
            return;
        }

        await WriteAsync(context, sign(claims));
    }

    private static async Task WriteAsync(HttpContext context, string token)
    {
        if (context.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(new JsonObject { ["token"] = token }.ToJsonString(), context.RequestAborted);
        }
        else
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(token + "\n", context.RequestAborted);
        }
    }
}
