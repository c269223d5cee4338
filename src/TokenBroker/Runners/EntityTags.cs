using System.Text;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Runners;

/// <summary>What a caller says it has already, so that an answer that did not change costs GitHub's limit nothing.</summary>
// See https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
internal static class EntityTags
{
    private const int Longest = 1024;

    /// <summary>The request's <c>If-None-Match</c>; null where there is none that can be read.</summary>
    public static string? Of(HttpRequest request)
    {
        var sent = request.Headers.IfNoneMatch.ToString();
        return sent.Length is > 0 and <= Longest && Ascii.IsValid(sent) && EntityTagHeaderValue.TryParseStrictList(request.Headers.IfNoneMatch, out _) ? sent : null;
    }

    /// <summary>Whether the caller has what the tag stands for.</summary>
    public static bool Match(HttpRequest request, string? tag) =>
        EntityTagHeaderValue.TryParse(tag, out var ours)
        && EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var theirs)
        && theirs.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(ours, useStrongComparison: false));
}
