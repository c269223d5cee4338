using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace TokenBroker.Tests.Authentication;

/// <summary>What a caller of the broker's may be answered, held against the failure table.</summary>
internal static class AuthenticationAssertions
{
    public const string Path = "/orgs/octo-org/actions/runners/registration-token";

    public const string Expired = "The JWT was refused: expired.";
    public const string WrongAudience = "The JWT was refused: wrong audience.";
    public const string UnknownIssuer = "The JWT was refused: unknown issuer.";
    public const string BadSignature = "The JWT was refused: bad signature.";
    public const string NotValid = "The JWT was refused: not valid.";
    public const string Missing = "A JWT is required: Authorization: Bearer JWT.";

    private static readonly string[] Members = ["detail", "documentation_url", "message", "request_id", "status", "title", "type"];

    /// <summary>Asks for a token and leaves a clock that the test moves alone: sockets take real time, and only real time.</summary>
    public static async Task<HttpResponseMessage> PostJwtAsync(this TestBroker broker, string? jwt, string path = Path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (jwt is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + jwt);
        return await broker.Client.SendAsync(request);
    }

    /// <summary>Asks for a token and holds that it is granted.</summary>
    public static async Task IsServedAsync(this TestBroker broker, string jwt, string path = Path)
    {
        using var response = await broker.PostJwtAsync(jwt, path);
        Assert.True(response.StatusCode == HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks for a token and holds that the JWT is refused, for this reason.</summary>
    public static async Task IsRefusedAsync(this TestBroker broker, string? jwt, string detail)
    {
        using var response = await broker.PostJwtAsync(jwt);
        await IsRefusalAsync(response, detail);
    }

    /// <summary>Asks for a token and holds that the issuer of the JWT cannot be reached.</summary>
    public static async Task IsUnavailableAsync(this TestBroker broker, string jwt)
    {
        using var response = await broker.PostJwtAsync(jwt);
        await IsUnavailabilityAsync(response);
    }

    public static async Task IsRefusalAsync(HttpResponseMessage response, string detail)
    {
        var body = await BodyAsync(response);
        Assert.True(detail == body.GetProperty("detail").GetString(), $"Expected '{detail}' and not {body}");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal($"Bearer error=\"invalid_token\", error_description=\"{detail}\"", response.Headers.WwwAuthenticate.ToString());
        Assert.Equal("urn:token-broker:problem:unauthenticated", body.GetProperty("type").GetString());
        Assert.Null(response.Headers.RetryAfter);
    }

    public static async Task IsUnavailabilityAsync(HttpResponseMessage response)
    {
        var body = await BodyAsync(response);
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, body.ToString());
        Assert.Equal("urn:token-broker:problem:issuer-unavailable", body.GetProperty("type").GetString());
        Assert.True(response.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), "Retry-After is missing");
        Assert.Empty(response.Headers.WwwAuthenticate);
    }

    /// <summary>The status of <c>/readyz</c> and what it says of issuers.</summary>
    public static async Task<(HttpStatusCode Code, string? Status, string? Issuers)> ReadinessAsync(this TestBroker broker)
    {
        using var response = await broker.Client.GetAsync("/readyz");
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (
            response.StatusCode,
            body.GetProperty("status").GetString(),
            body.GetProperty("checks").GetProperty("issuers").GetProperty("detail").GetString());
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl?.NoStore);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(Members, body.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal((int)response.StatusCode, body.GetProperty("status").GetInt32());
        Assert.NotEmpty(body.GetProperty("title").GetString()!);
        Assert.Equal(body.GetProperty("detail").GetString(), body.GetProperty("message").GetString());
        Assert.StartsWith("https://docs.github.com/", body.GetProperty("documentation_url").GetString(), StringComparison.Ordinal);
        Assert.Equal(Assert.Single(response.Headers.GetValues("X-Request-Id")), body.GetProperty("request_id").GetString());
        return body;
    }
}
