using Microsoft.Net.Http.Headers;

namespace TokenBroker.Runners.Tokens;

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
