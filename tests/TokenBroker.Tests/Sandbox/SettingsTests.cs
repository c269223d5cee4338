using System.Net;
using System.Text;
using System.Text.Json;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Sandbox;

public sealed class SettingsTests
{
    [Fact]
    public async Task They_are_changed_one_by_one_and_audited()
    {
        await using var github = await SandboxGitHub.StartAsync();
        using var client = new HttpClient { BaseAddress = github.Address };
        await PostAsync(client, """{"clock_offset": 600, "rate_limit_used": 4000}""", HttpStatusCode.OK);
        await PostAsync(
            client,
            """{"enterprise_token_scopes": ["repo"], "enterprise_token_expires_in": 3600, "token_shape": "stateless"}""",
            HttpStatusCode.OK);

        var told = JsonElement.Parse(await client.GetStringAsync("/_sandbox/settings"));
        Assert.Equal(600, told.GetProperty("clock_offset").GetDouble());
        Assert.Equal(4000, told.GetProperty("rate_limit_used").GetInt32());
        Assert.Equal("repo", told.GetProperty("enterprise_token_scopes")[0].GetString());
        Assert.Equal("stateless", told.GetProperty("token_shape").GetString());
        Assert.Equal(SandboxTokenShape.Stateless, github.TokenShape);
        Assert.InRange(told.GetProperty("enterprise_token_expires_in").GetDouble(), 3000, 3600);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/enterprises/octo-ent/actions/runners");
        request.Headers.UserAgent.ParseAdd("test");
        request.Headers.Authorization = new("Bearer", github.EnterpriseToken);
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("repo", answer.Headers.GetValues("x-oauth-scopes").Single());
        Assert.Matches(
            "^20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC$",
            answer.Headers.GetValues("github-authentication-token-expiration").Single());
        Assert.Equal("999", answer.Headers.GetValues("x-ratelimit-remaining").Single());
        Assert.InRange(answer.Headers.Date!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(11));
    }

    [Theory]
    [InlineData("""{"clock": 600}""")]
    [InlineData("""{"clock_offset": "later"}""")]
    [InlineData("""{"clock_offset": 1e300}""")]
    [InlineData("""{"token_shape": "round"}""")]
    [InlineData("""{"token_shape": 1}""")]
    [InlineData("[]")]
    public async Task An_invalid_setting_changes_nothing(string body)
    {
        await using var github = await SandboxGitHub.StartAsync();
        using var client = new HttpClient { BaseAddress = github.Address };
        await PostAsync(client, body, HttpStatusCode.BadRequest);
        Assert.Equal(TimeSpan.Zero, github.ClockOffset);
    }

    private static async Task PostAsync(HttpClient client, string body, HttpStatusCode expected)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/_sandbox/settings") { Content = content };
        request.Headers.UserAgent.ParseAdd("test");
        using var answer = await client.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
    }
}
