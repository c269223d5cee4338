using System.Net;
using System.Text.Json;

namespace TokenBroker.Tests.Runners;

public sealed class BadRequestTests
{
    [Theory]
    [InlineData("/orgs/a%2fb/actions/runners/registration-token", "org", "an escaped slash")]
    [InlineData("/orgs/a%20b/actions/runners/registration-token", "org", "a space")]
    [InlineData("/orgs/a%0ab/actions/runners/registration-token", "org", "a line end")]
    [InlineData("/orgs/a.b/actions/runners/registration-token", "org", "no account has a dot")]
    [InlineData("/orgs/%C3%A4/actions/runners/registration-token", "org", "a letter beyond ASCII")]
    [InlineData("/orgs/octo-org%3f/actions/runners/registration-token", "org", "an escaped question mark")]
    [InlineData("/repos/octo-org/a%5cb/actions/runners/registration-token", "repo", "a backslash")]
    [InlineData("/repos/octo-org/hello.git/actions/runners/registration-token", "repo", "an extension that is not of the name")]
    [InlineData(
        "/repos/octo-org/.../actions/runners/registration-token?min_lifetime=x",
        "min_lifetime",
        "dots alone are a name, the query is at fault")]
    [InlineData("/repos/o!/a%25b/actions/runners/remove-token", "owner,repo", "both names")]
    [InlineData("/enterprises/a+b/actions/runners/remove-token", "enterprise", "a plus")]
    [InlineData("/api/v3/orgs/a~b/actions/runners/remove-token", "org", "under the prefix as well")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=-1", "min_lifetime", "negative")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=2701", "min_lifetime", "too much")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=1.5", "min_lifetime", "not whole")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=", "min_lifetime", "empty")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=+5", "min_lifetime", "a sign")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=99999999999999", "min_lifetime", "beyond a number")]
    [InlineData("/orgs/octo-org/actions/runners/remove-token?min_lifetime=1&min_lifetime=2", "min_lifetime", "twice")]
    public async Task What_GitHub_could_never_accept_is_400_and_names_the_field(string path, string fields, string why)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync(path);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, why);
        Assert.Equal(
            fields.Split(','),
            body.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()));
        Assert.All(body.GetProperty("errors").EnumerateArray(), error => Assert.Equal("invalid", error.GetProperty("code").GetString()));
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_400()
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync($"/orgs/{new string('a', 101)}/actions/runners/registration-token");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("/orgs/../actions/runners/registration-token")]
    [InlineData("/repos/octo-org/../actions/runners/registration-token")]
    [InlineData("/repos/octo-org/%2e%2e/actions/runners/registration-token")]
    [InlineData("/orgs/octo-org/actions/runners/registration-tokens")]
    [InlineData("/orgs//actions/runners/registration-token")]
    [InlineData("/api/v4/orgs/octo-org/actions/runners/registration-token")]
    public async Task A_path_that_does_not_exist_is_404_after_401(string path)
    {
        await using var broker = await TestBroker.StartAsync();
        using var stranger = await SendRawAsync(broker, path, jwt: null);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        using var caller = await SendRawAsync(broker, path, broker.Issuer.Sign());
        Assert.Equal(HttpStatusCode.NotFound, caller.StatusCode);
        Assert.Equal("Not Found.", JsonElement.Parse(await caller.Content.ReadAsStringAsync()).GetProperty("message").GetString());
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_method_that_a_path_has_not_is_405_after_401_and_names_those_it_has(string method)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var prefix in new[] { "", "/api/v3" })
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(method),
                prefix + "/orgs/octo-org/actions/runners/registration-token");
            using var stranger = await broker.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
            using var caller = await broker.PostAsync(
                prefix + "/orgs/octo-org/actions/runners/registration-token",
                change: changed => changed.Method = new HttpMethod(method));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, caller.StatusCode);
            Assert.Equal("POST", caller.Content.Headers.Allow.Single());
        }
    }

    [Theory]
    [InlineData(64 * 1024, false, HttpStatusCode.Created)]
    [InlineData((64 * 1024) + 1, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData((64 * 1024) + 1, true, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(100, true, HttpStatusCode.Created)]
    public async Task A_body_over_64_kB_is_413(int bytes, bool isChunked, HttpStatusCode expected)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token", change: request =>
        {
            request.Content = new ByteArrayContent(new byte[bytes]);
            request.Headers.TransferEncodingChunked = isChunked;
        });
        Assert.Equal(expected, response.StatusCode);
        if (expected != HttpStatusCode.Created)
            Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task Errors_are_GitHubs_and_those_of_RFC_9457_in_one_and_problems_only_by_name()
    {
        await using var broker = await TestBroker.StartAsync();
        using var plain = await broker.PostAsync("/orgs/octo-two/actions/runners/registration-token");
        Assert.Equal("application/json; charset=utf-8", plain.Content.Headers.ContentType?.ToString());
        var body = JsonElement.Parse(await plain.Content.ReadAsStringAsync());
        Assert.Equal("urn:token-broker:problem:policy-denied", body.GetProperty("type").GetString());
        Assert.Equal(403, body.GetProperty("status").GetInt32());
        Assert.Equal(body.GetProperty("detail").GetString(), body.GetProperty("message").GetString());
        Assert.Contains("registration-token", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("orgs/octo-two", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("sandbox-machines", body.GetRawText(), StringComparison.Ordinal);
        Assert.StartsWith("https://", body.GetProperty("documentation_url").GetString(), StringComparison.Ordinal);
        Assert.Equal(plain.Headers.GetValues("X-Request-Id").Single(), body.GetProperty("request_id").GetString());
        Assert.Equal(0, broker.GitHub.Requests.Total);

        using var problem = await broker.PostAsync("/orgs/octo-two/actions/runners/registration-token", change: request =>
            request.Headers.TryAddWithoutValidation("Accept", "application/problem+json, application/json"));
        Assert.Equal("application/problem+json; charset=utf-8", problem.Content.Headers.ContentType?.ToString());
    }

    // HttpClient tidies paths up; what is tested is what the broker does with one that is not tidy.
    private static async Task<HttpResponseMessage> SendRawAsync(TestBroker broker, string path, string? jwt)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(broker.Address.GetLeftPart(UriPartial.Authority) + path, options));
        if (jwt is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + jwt);
        return await broker.Client.SendAsync(request);
    }
}
