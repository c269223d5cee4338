using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Reads a request's body, which must be empty or a JSON object.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <returns>An empty object if there is no body; null if the body is not a JSON object.</returns>
    public static async Task<JsonObject?> ReadAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        if (string.IsNullOrWhiteSpace(text))
            return [];
        try
        {
            return JsonNode.Parse(text, nodeOptions: null, Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
