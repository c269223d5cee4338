using Microsoft.Net.Http.Headers;
using TokenBroker.Auditing;
using TokenBroker.GitHub;
using TokenBroker.Hosting;
using TokenBroker.Runners.Listing;

namespace TokenBroker.Runners;

/// <summary>Answers with what GitHub answered, byte for byte: what GitHub adds one day reaches the caller.</summary>
/// <param name="answer">GitHub's answer.</param>
/// <param name="isSecret">Whether it must be stored nowhere.</param>
internal sealed class PassedOn(GitHubAnswer answer, bool isSecret = false) : IResult, IStatusCodeHttpResult
{
    /// <summary>Asks GitHub within the time that the request has left, and passes its answer on.</summary>
    public static Task<PassedOn> AskAsync(HttpContext context, Func<CancellationToken, Task<GitHubAnswer>> ask, Predicate<GitHubAnswer>? isSecret = null) =>
        Patience.Of(context).WithinAsync(
            async cancellation =>
            {
                var answer = await ask(cancellation);
                return Of(context, answer, isSecret?.Invoke(answer) is true);
            },
            context.RequestAborted);

    /// <summary>Passes on what GitHub has answered.</summary>
    public static PassedOn Of(HttpContext context, GitHubAnswer answer, bool isSecret)
    {
        AuditDetails.Of(context).Mint = answer.Trace;
        return new PassedOn(answer, isSecret);
    }

    public int? StatusCode => (int)answer.StatusCode;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = (int)answer.StatusCode;
        response.Headers.CacheControl = isSecret ? "no-store" : "private, no-cache";
        if (!isSecret)
        {
            response.Headers.Vary = HeaderNames.Authorization;
            response.Headers.ETag = answer.ApiInfo.Etag;
            response.Headers.Link = PageLinks.Rewrite(answer.ApiInfo.Links, httpContext.Request);
        }

        if (answer.Content.Length == 0 || response.StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
            return;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = answer.Content.Length;
        await response.Body.WriteAsync(answer.Content, httpContext.RequestAborted);
    }
}
