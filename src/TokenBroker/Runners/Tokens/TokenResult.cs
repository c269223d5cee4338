using System.Text;
using TokenBroker.Caching;
using TokenBroker.GitHub;

namespace TokenBroker.Runners.Tokens;

/// <summary>Answers 201 with a token, as JSON or, for boot scripts without a JSON parser, bare.</summary>
internal sealed class TokenResult(Secret secret, bool isHit) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => StatusCodes.Status201Created;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = StatusCode!.Value;
        response.Headers.CacheControl = "no-store";
        response.Headers["Cache-Status"] = isHit ? "token-broker; hit" : "token-broker; fwd=miss";
        var isPlain = AcceptedType.IsPlainTextOnly(httpContext.Request);
        var body = Encoding.UTF8.GetBytes(isPlain ? IssuedToken.TokenOf(secret) : secret.Value);
        response.ContentType = isPlain ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
