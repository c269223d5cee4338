using System.Net;
using System.Text;
using System.Text.Json;

namespace TokenBroker.Tests.Runners;

public sealed class TokenEndpointsTests
{
    public static TheoryData<string, string, string> Endpoints => new MatrixTheoryData<string, string, string>(
        ["", "/api/v3"],
        ["/repos/octo-org/hello", "/orgs/octo-org", "/enterprises/octo-ent", "/orgs/OCTO-Org"],
        ["registration-token", "remove-token"]).Aggregate(new TheoryData<string, string, string>(), (data, row) =>
        {
            data.Add(row.Data.Item1, row.Data.Item2, row.Data.Item3);
            return data;
        });

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Each_endpoint_gives_a_token_to_each_scheme(string prefix, string scope, string token)
    {
        await using var broker = await TestBroker.StartAsync();
        var jwt = broker.Issuer.Sign();
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes("github:" + jwt));
        var tokens = new HashSet<string?>();
        foreach (var authorization in new[]
        {
            "Bearer " + jwt,
            "bearer " + jwt,
            "token " + jwt,
            "Token " + jwt,
            "Basic " + basic,
            "basic " + basic,
        })
        {
            using var response = await broker.PostAsync($"{prefix}{scope}/actions/runners/{token}", change: request =>
            {
                request.Headers.Remove("Authorization");
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            });
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
            Assert.Equal(
                tokens.Count == 0 ? "token-broker; fwd=miss" : "token-broker; hit",
                response.Headers.GetValues("Cache-Status").Single());
            Assert.Single(response.Headers.GetValues("X-Request-Id"));
            var body = JsonElement.Parse(await response.Content.ReadAsStringAsync());
            Assert.NotEmpty(body.GetProperty("expires_at").GetString()!);
            Assert.False(body.TryGetProperty("repositories", out _));
            tokens.Add(body.GetProperty("token").GetString());
        }

        Assert.Single(tokens);
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens + broker.GitHub.Requests.RemoveTokens);
    }

    [Fact]
    public async Task Five_hundred_callers_on_a_cold_scope_cause_one_mint()
    {
        await using var broker = await TestBroker.StartAsync(gitHubDelay: TimeSpan.FromMilliseconds(100));
        var callers = Enumerable.Range(0, 500).Select(number => broker.Issuer.Sign(new { sub = "vm-" + number })).ToList();
        var answers = await Task.WhenAll(callers.Select(async jwt =>
        {
            using var response = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token", jwt);
            return (response.StatusCode, Body: await response.Content.ReadAsStringAsync());
        }));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        Assert.Single(answers.Select(answer => answer.Body).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);
        Assert.Equal(1, broker.GitHub.Requests.InstallationTokens);
        Assert.Equal(1, broker.GitHub.Requests.InstallationLookups);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("application/json", false)]
    [InlineData("application/vnd.github+json", false)]
    [InlineData("application/vnd.github.v3+json", false)]
    [InlineData("application/vnd.github.v3+json, application/vnd.github.machine-man-preview+json", false)]
    [InlineData("text/html", false)]
    [InlineData("nonsense", false)]
    [InlineData("text/plain", true)]
    [InlineData("TEXT/PLAIN", true)]
    [InlineData("text/plain; charset=utf-8", true)]
    [InlineData("text/*", true)]
    [InlineData("text/plain, application/json", false)]
    [InlineData("text/plain, */*;q=0.1", false)]
    [InlineData("text/plain, application/json;q=0", true)]
    [InlineData("text/plain;q=0", false)]
    public async Task The_answer_is_JSON_unless_only_plain_text_is_accepted(string? accept, bool isPlain)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token", change: request =>
        {
            if (accept is not null)
                request.Headers.TryAddWithoutValidation("Accept", accept);
        });
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(isPlain ? "text/plain" : "application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        if (isPlain)
            Assert.Matches("\\A[A-Z0-9]+\\z", body);
        else
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(body).ValueKind);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("nonsense")]
    public async Task An_empty_body_of_any_type_is_accepted(string contentType)
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token", change: request =>
        {
            request.Content = new ByteArrayContent([]);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        });
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task A_cached_token_is_still_only_for_those_whom_a_policy_names()
    {
        await using var broker = await TestBroker.StartAsync();
        using var first = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token");
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        using var stranger = await broker.PostAsync(
            "/orgs/octo-org/actions/runners/registration-token",
            broker.Issuer.Sign(new { sub = "stranger" }));
        Assert.Equal(HttpStatusCode.Forbidden, stranger.StatusCode);
    }

    [Fact]
    public async Task More_life_is_minted_for_a_caller_that_asks_for_it()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var first = await TokenAsync(broker, "");
        broker.Clock!.Advance(TimeSpan.FromMinutes(20));
        var jwt = broker.Issuer.Sign();
        Assert.Equal(first, await TokenAsync(broker, "?min_lifetime=1800", jwt));
        Assert.NotEqual(first, await TokenAsync(broker, "?min_lifetime=2700", jwt));
        Assert.Equal(2, broker.GitHub.Requests.RegistrationTokens);
    }

    private static async Task<string?> TokenAsync(TestBroker broker, string query, string? jwt = null)
    {
        using var response = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token" + query, jwt);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("token").GetString();
    }
}
