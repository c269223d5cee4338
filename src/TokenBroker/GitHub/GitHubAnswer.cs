using System.Net;
using System.Text;
using System.Text.Json;
using Octokit;
using Octokit.Internal;
using TokenBroker.Caching;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>An answer of GitHub's that is neither a passing fault nor a limit, in the form that Octokit reads models from.</summary>
internal sealed record GitHubAnswer : IResponse
{
    private const int LongestMessage = 300;
    private static readonly HeaderReader Reader = new();

    private GitHubAnswer(IResponse read, byte[] content)
    {
        (StatusCode, ApiInfo, Content) = (read.StatusCode, read.ApiInfo, content);
        Headers = new Dictionary<string, string>(read.Headers, StringComparer.OrdinalIgnoreCase);
        Json = Parse(content);
    }

    public HttpStatusCode StatusCode { get; init; }

    /// <summary>Limits, entity tag and links, as Octokit reads them from the headers.</summary>
    public ApiInfo ApiInfo { get; }

    /// <summary>The headers by name, whose letter case does not matter.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body as it came, to be passed on with whatever GitHub adds to it one day.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The body; undefined where there is none, or none that is JSON.</summary>
    public JsonElement Json { get; }

    /// <summary>How GitHub's own records know the request.</summary>
    public MintReference? Trace { get; init; }

    public bool IsSuccess => (int)StatusCode is >= 200 and < 300;

    /// <summary>Whether GitHub refuses the credential or what it is used for.</summary>
    public bool IsRefusal => StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>GitHub's own words, fit to be passed on.</summary>
    public string Message => MessageOf(Json) ?? $"GitHub answered {(int)StatusCode}.";

    object IResponse.Body => Encoding.UTF8.GetString(Content.Span);

    // What it was sent as does not matter: what is no JSON has been sorted out before.
    string IResponse.ContentType => "application/json";

    /// <summary>Reads an answer whose body is in memory already.</summary>
    public static async Task<GitHubAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var content = response.Content;
        var body = await content.ReadAsByteArrayAsync(cancellation);
        response.Content = null;
        try
        {
            return new GitHubAnswer(await Reader.ReadAsync(response), body);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Octokit throws at a link that is none, or is there twice. No links are better than no answer.
            response.Headers.Remove("Link");
            response.Content = null;
            return new GitHubAnswer(await Reader.ReadAsync(response), body);
        }
    }

    /// <summary>The answer that made Octokit throw.</summary>
    public static GitHubAnswer Of(ApiException refused) => (GitHubAnswer)refused.HttpResponse;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A member of the body that is a string.</summary>
    public string? Text(string name) => Text(Json, name);

    /// <summary>A member of a body that is a string; null also for one that is no text, such as half of a surrogate pair.</summary>
    public static string? Text(JsonElement body, string name)
    {
        try
        {
            return body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
                ? member.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The <c>message</c> of GitHub's errors, cleaned and capped: it is passed on to callers and into logs.</summary>
    public static string? MessageOf(JsonElement body)
    {
        var cleaned = new StringBuilder();
        foreach (var rune in (Text(body, "message") ?? "").EnumerateRunes())
        {
            if (cleaned.Length + rune.Utf16SequenceLength > LongestMessage)
                break;
            cleaned.Append(ReadableText.IsHidden(rune) ? " " : rune.ToString());
        }

        var text = cleaned.ToString().Trim();
        return text.Length > 0 ? text : null;
    }

    private static JsonElement Parse(byte[] body)
    {
        try
        {
            return body.Length == 0 ? default : JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    // Octokit reads headers nowhere else. Nothing is sent by it: it follows redirects, those of a POST too.
    private sealed class HeaderReader() : HttpClientAdapter(static () => new SocketsHttpHandler())
    {
        public Task<IResponse> ReadAsync(HttpResponseMessage response) => BuildResponse(response, preprocessResponseBody: null);
    }
}
