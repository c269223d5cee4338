using System.Text;
using System.Text.Json;
using TokenBroker.Caching;

namespace TokenBroker.Runners.Tokens;

/// <summary>Answers 201 with a token, as JSON or, for boot scripts without a JSON parser, bare.</summary>
internal sealed class TokenResult(Secret secret, bool isHit) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCodes.Status201Created;
        response.Headers.CacheControl = "no-store";
        response.Headers["Cache-Status"] = isHit ? "token-broker; hit" : "token-broker; fwd=miss";
        var isPlain = AcceptedType.IsPlainTextOnly(httpContext.Request);
        var body = Encoding.UTF8.GetBytes(isPlain ? JsonElement.Parse(secret.Value).GetProperty("token").GetString()! : secret.Value);
        response.ContentType = isPlain ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
