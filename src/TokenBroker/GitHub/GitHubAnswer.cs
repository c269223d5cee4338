using System.Net;
using System.Text;
using System.Text.Json;
using Octokit;
using Octokit.Internal;
using TokenBroker.Caching;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>A response from GitHub, in the form that Octokit reads models from.</summary>
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

    /// <summary>The headers by name, ignoring case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The unchanged body, so that members that GitHub adds one day reach the caller.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The body as JSON; undefined if it is empty or not JSON.</summary>
    public JsonElement Json { get; }

    /// <summary>Identifies the request in GitHub's own logs.</summary>
    public MintReference? Trace { get; init; }

    public bool IsSuccess => (int)StatusCode is >= 200 and < 300;

    /// <summary>Whether GitHub refuses the credential or what it is used for.</summary>
    public bool IsRefusal => StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>GitHub's message, cleaned for callers and logs.</summary>
    public string Message => MessageOf(Json) ?? $"GitHub answered {(int)StatusCode}.";

    object IResponse.Body => Encoding.UTF8.GetString(Content.Span);

    // The actual type does not matter: anything that is not JSON was rejected before.
    string IResponse.ContentType => "application/json";

    /// <summary>Reads a response whose body is already buffered.</summary>
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
            // Octokit throws for an invalid or duplicate link. No links are better than no response.
            response.Headers.Remove("Link");
            response.Content = null;
            return new GitHubAnswer(await Reader.ReadAsync(response), body);
        }
    }

    public static GitHubAnswer FromException(ApiException refused) => (GitHubAnswer)refused.HttpResponse;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A string member of the body; null without one.</summary>
    public string? Text(string name) => Text(Json, name);

    /// <summary>A string member of a body; null without one, or if it is not valid text, such as half of a surrogate pair.</summary>
    public static string? Text(JsonElement body, string name)
    {
        try
        {
            return body.ValueKind == JsonValueKind.Object
                && body.TryGetProperty(name, out var member)
                && member.ValueKind == JsonValueKind.String
                ? member.GetString()
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The <c>message</c> of GitHub's errors, cleaned and capped: it reaches callers and logs.</summary>
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

    // Octokit's only reader of headers. It sends nothing, because it would follow redirects, even of a POST.
    private sealed class HeaderReader() : HttpClientAdapter(static () => new SocketsHttpHandler())
    {
        public Task<IResponse> ReadAsync(HttpResponseMessage response) => BuildResponse(response, preprocessResponseBody: null);
    }
}
