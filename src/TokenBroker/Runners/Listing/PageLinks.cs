using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Extensions;

namespace TokenBroker.Runners.Listing;

/// <summary>The <c>Link</c> header of a list, which a client follows to the next page.</summary>
internal static partial class PageLinks
{
    private const int Longest = 8192;

    /// <summary>
    /// Turns GitHub's links into ones to the place where the client asked: GitHub's own address is nothing to a caller, and its path
    /// may be another than the one that was asked, for it links by number. Only the query is GitHub's.
    /// </summary>
    // See https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers
    public static string? Rewrite(string? link, HttpRequest request)
    {
        if (link is null or { Length: > Longest })
            return null;
        var here = UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path);
        var links = Entry().Matches(link)
            .Where(entry => Uri.TryCreate(entry.Groups["address"].Value, UriKind.Absolute, out _))
            .Select(entry => $"<{here}{new Uri(entry.Groups["address"].Value).Query}>; rel=\"{entry.Groups["relation"].Value}\"");
        return string.Join(", ", links) is { Length: > 0 } rewritten ? rewritten : null;
    }

    [GeneratedRegex("<(?<address>[^<>]+)>\\s*;\\s*rel=\"(?<relation>[a-z]+)\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Entry();
}
