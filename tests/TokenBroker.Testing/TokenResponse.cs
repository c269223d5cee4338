using System.Globalization;
using System.Text.Json;

namespace TokenBroker.Testing;

/// <summary>What a caller was answered.</summary>
internal sealed record TokenResponse(
    int Status,
    string? ContentType,
    string Text,
    string? RetryAfter,
    string? CacheControl,
    string? CacheStatus,
    string? RequestId)
{
    private const string TypePrefix = "urn:token-broker:problem:";

    public string? Token => Member("token");

    public string? Kind => Member("type")?.Replace(TypePrefix, "", StringComparison.Ordinal);

    public string Detail => Member("detail") ?? "";

    public bool IsHit => CacheStatus == "token-broker; hit";

    /// <summary>The seconds of <c>Retry-After</c>.</summary>
    public int Wait => int.Parse(RetryAfter ?? "", NumberStyles.None, CultureInfo.InvariantCulture);

    public static async Task<TokenResponse> ReadAsync(HttpResponseMessage response) => new(
        (int)response.StatusCode,
        response.Content.Headers.ContentType?.ToString(),
        await response.Content.ReadAsStringAsync(),
        Header(response, "Retry-After"),
        response.Headers.CacheControl?.ToString(),
        Header(response, "Cache-Status"),
        Header(response, "X-Request-Id"));

    /// <summary>It is a token, which is handed back.</summary>
    public string IsToken()
    {
        Assert.True(Status == 201, $"{Status}: {Text}");
        Assert.Equal("no-store", CacheControl);
        Assert.Null(RetryAfter);
        return Token ?? throw new InvalidOperationException("There is no token: " + Text);
    }

    /// <summary>It is a failure of that kind, in the shape of all errors. Only what passes by itself says when to come back.</summary>
    public TokenResponse IsFailure(int status, string kind)
    {
        Assert.True(Status == status && Kind == kind, $"{status} {kind} was expected, not {Status}: {Text}");
        Assert.Equal("application/json; charset=utf-8", ContentType);
        Assert.Equal("no-store", CacheControl);
        Assert.Equal(TypePrefix + kind, Member("type"));
        Assert.Equal(status, JsonElement.Parse(Text).GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrEmpty(Member("title")));
        Assert.False(string.IsNullOrEmpty(Detail));
        Assert.Equal(Detail, Member("message"));
        Assert.StartsWith("https://docs.github.com/", Member("documentation_url"), StringComparison.Ordinal);
        Assert.Equal(RequestId, Member("request_id"));
        Assert.Null(CacheStatus);
        Assert.True(status is 503 or 429 ? Wait > 0 : RetryAfter is null, "Retry-After: " + RetryAfter);
        return this;
    }

    private string? Member(string name) => JsonElement.Parse(Text).TryGetProperty(name, out var member) ? member.GetString() : null;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
