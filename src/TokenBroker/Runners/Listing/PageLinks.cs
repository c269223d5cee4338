using Microsoft.AspNetCore.Http.Extensions;

namespace TokenBroker.Runners.Listing;

/// <summary>The <c>Link</c> header of a list, which a client follows to the next page.</summary>
internal static class PageLinks
{
    /// <summary>
    /// Turns GitHub's links into ones to the place where the client asked: GitHub's own address is nothing to a caller, and its path
    /// may be another than the one that was asked, for it links by number. Only the query is GitHub's.
    /// </summary>
    // See https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers
    public static string? Rewrite(IReadOnlyDictionary<string, Uri> links, HttpRequest request)
    {
        var here = UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path);
        var rewritten = links.Select(link => $"<{here}{link.Value.Query}>; rel=\"{link.Key}\"");
        return links.Count > 0 ? string.Join(", ", rewritten) : null;
    }
}
