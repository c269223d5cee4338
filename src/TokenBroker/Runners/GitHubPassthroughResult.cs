using System.Text;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;
using TokenBroker.GitHub;

namespace TokenBroker.Runners;

/// <summary>Answers with GitHub's own answer, byte for byte: fields that GitHub adds later reach the caller.</summary>
/// <param name="answer">GitHub's answer.</param>
/// <param name="isSecret">Whether it must not be stored on its way.</param>
internal sealed class GitHubPassthroughResult(GitHubAnswer answer, bool isSecret = false) : IResult, IStatusCodeHttpResult
{
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

/// <summary>What a caller has already: an answer that has not changed costs nothing of GitHub's rate limit.</summary>
// See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
internal static class EntityTags
{
    private const int Longest = 1024;

    /// <summary>The request's <c>If-None-Match</c>; null if it has none that can be read.</summary>
    public static string? Read(HttpRequest request)
    {
        var sent = request.Headers.IfNoneMatch.ToString();
        var isReadable = sent.Length is > 0 and <= Longest
            && Ascii.IsValid(sent)
            && EntityTagHeaderValue.TryParseStrictList(request.Headers.IfNoneMatch, out _);
        return isReadable ? sent : null;
    }

    /// <summary>Whether the caller has what the tag stands for.</summary>
    public static bool Match(HttpRequest request, string? tag) =>
        EntityTagHeaderValue.TryParse(tag, out var ours)
        && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var theirs)
        && theirs.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(ours, useStrongComparison: false));
}

/// <summary>The <c>Link</c> header of a list, which a client follows to the next page.</summary>
internal static class PageLinks
{
    /// <summary>
    /// Points GitHub's links at the address that the client asked: it cannot reach GitHub's own, and GitHub may link by number and so by
    /// another path. Only the query is GitHub's.
    /// </summary>
    // See https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers
    public static string? Rewrite(IReadOnlyDictionary<string, Uri> links, HttpRequest request)
    {
        var here = UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path);
        var rewritten = links.Select(link => $"<{here}{link.Value.Query}>; rel=\"{link.Key}\"");
        return links.Count > 0 ? string.Join(", ", rewritten) : null;
    }
}
