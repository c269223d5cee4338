using System.Text;
using Microsoft.Net.Http.Headers;
using TokenBroker.Caching;

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
        var body = Encoding.UTF8.GetBytes(isPlain ? secret.Token : secret.Value);
        response.ContentType = isPlain ? "text/plain; charset=utf-8" : "application/json; charset=utf-8";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}

/// <summary>What a caller accepts. JSON is the answer to everything that does not rule it out by asking for plain text alone.</summary>
internal static class AcceptedType
{
    private static readonly MediaTypeHeaderValue PlainText = new("text/plain");
    private static readonly MediaTypeHeaderValue[] Json = [new("application/json"), new("application/vnd.github+json")];

    /// <summary>Whether plain text is accepted and JSON, in any of GitHub's media types, is not.</summary>
    public static bool IsPlainTextOnly(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        var wanted = accepted.Where(type => type.Quality is not 0).ToList();
        return wanted.Exists(type => PlainText.IsSubsetOf(Bare(type))) && !wanted.Exists(type => IsJson(Bare(type)));
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase) || Array.Exists(Json, json => json.IsSubsetOf(type));

    // Parameters such as q or charset do not change which of the two is meant.
    private static MediaTypeHeaderValue Bare(MediaTypeHeaderValue type) => new(type.MediaType);
}
