using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;

namespace TokenBroker.Sandbox.GitHub.Checks;

/// <summary>What a proxy in front of GitHub requires: a <c>Content-Length</c> and JSON. It answers 400 to a chunked body.</summary>
internal static class BodyCheck
{
    public static bool Passes(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            return true;
        return context.Request.ContentLength is not null
            && MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase);
    }
}
