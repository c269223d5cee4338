using System.Text.Json;
using TokenBroker.Caching;

namespace TokenBroker.Runners;

/// <summary>Answers 201 with a token, as JSON or, for boot scripts without a JSON parser, bare.</summary>
internal sealed class TokenResult(Secret secret, bool isHit) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.CacheControl = "no-store";
        response.Headers["Cache-Status"] = isHit ? "token-broker; hit" : "token-broker; fwd=miss";
        if (AcceptedType.IsPlainTextOnly(httpContext.Request))
        {
            response.ContentType = "text/plain; charset=utf-8";
            return response.WriteAsync(JsonElement.Parse(secret.Value).GetProperty("token").GetString()!, httpContext.RequestAborted);
        }

        response.ContentType = "application/json; charset=utf-8";
        return response.WriteAsync(secret.Value, httpContext.RequestAborted);
    }
}
