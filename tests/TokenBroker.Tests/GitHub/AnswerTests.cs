using System.Text.Json;

namespace TokenBroker.Tests.GitHub;

/// <summary>What GitHub answers, word for word, and what a caller gets of it.</summary>
public sealed class AnswerTests
{
    private const string Mint = "/registration-token";

    [Theory]
    [InlineData("2099-01-22T12:13:35.123-08:00", "milliseconds and an offset")]
    [InlineData("2099-01-22T12:13:35.123+05:30", "an offset to the east")]
    [InlineData("2099-01-22T12:13:35Z", "the usual form")]
    public async Task An_expiry_is_passed_on_to_the_letter(string expiresAt, string why)
    {
        var answer = await AskAsync(TokenRequests.Enterprise, Mint, 201, $$"""{"token":"AABBCC","expires_at":"{{expiresAt}}"}""");
        Assert.Equal("AABBCC", answer.IsToken());
        Assert.True(answer.Text.Contains($"\"expires_at\":\"{expiresAt}\"", StringComparison.Ordinal), why + ": " + answer.Text);
    }

    [Fact]
    public async Task All_that_GitHub_says_is_passed_on_but_repositories()
    {
        const string Body = """
            {"token":"AABBCC","expires_at":"2099-01-22T12:13:35Z","permissions":{"issues":"read"},"repository_selection":"selected",
            "single_file":"a+b's file",
            "repositories":[{"temp_clone_token":"CLONE-SECRET"}],"something_new":[1,2.50,{"a":null}]}
            """;
        var answer = await AskAsync(TokenRequests.Repository, Mint, 201, Body);
        answer.IsToken();
        var body = JsonElement.Parse(answer.Text);
        Assert.Equal("""{"issues":"read"}""", body.GetProperty("permissions").GetRawText());
        Assert.Equal("selected", body.GetProperty("repository_selection").GetString());
        Assert.Equal("a+b's file", body.GetProperty("single_file").GetString());
        Assert.Equal("""[1,2.50,{"a":null}]""", body.GetProperty("something_new").GetRawText());
        Assert.False(body.TryGetProperty("repositories", out _));
        Assert.DoesNotContain("CLONE-SECRET", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"message":"Runners\r\nX-Evil: 1\u0000 are\u001b[31m off"}""", "Runners  X-Evil: 1  are [31m off", "control characters")]
    [InlineData("""{"message":"   "}""", "GitHub answered 403.", "nothing but space")]
    [InlineData("""{"message":42}""", "GitHub answered 403.", "no text")]
    [InlineData("[]", "GitHub answered 403.", "no object")]
    [InlineData("<html>Forbidden</html>", "GitHub answered 403.", "no JSON")]
    public async Task A_refusals_message_is_cleaned(string body, string detail, string why)
    {
        var answer = (await AskAsync(TokenRequests.Enterprise, Mint, 403, body)).IsFailure(403, "refused-by-github");
        Assert.True(detail == answer.Detail, why + ": " + answer.Detail);
    }

    [Fact]
    public async Task A_refusals_message_is_capped()
    {
        var answer = (await AskAsync(TokenRequests.Enterprise, Mint, 403, $$"""{"message":"{{new string('x', 5000)}}"}""")).IsFailure(
            403,
            "refused-by-github");
        Assert.Equal(300, answer.Detail.Length);
    }

    [Theory]
    [InlineData("""{"token":"AABBCC"}""", "no expiry")]
    [InlineData("""{"token":"AABBCC","expires_at":"tomorrow"}""", "an expiry that is no date")]
    [InlineData("""{"token":"AABBCC","expires_at":4102444800}""", "an expiry that is a number")]
    [InlineData("""{"token":42,"expires_at":"2099-01-22T12:13:35Z"}""", "a token that is a number")]
    [InlineData("""{"token":"AA\r\nBB","expires_at":"2099-01-22T12:13:35Z"}""", "a token that would break a line")]
    [InlineData("""{"token":"AA\ud800BB","expires_at":"2099-01-22T12:13:35Z"}""", "a token that is no text")]
    [InlineData("[]", "a list")]
    public async Task An_answer_without_a_token_is_503_and_not_passed_through(string body, string why)
    {
        var answer = (await AskAsync(TokenRequests.Enterprise, Mint, 201, body)).IsFailure(503, "useless-token");
        Assert.False(answer.Text.Contains("AA", StringComparison.Ordinal), why);
    }

    [Theory]
    [InlineData("/installation", "[]", "github-unavailable", "an installation that is a list")]
    [InlineData("/installation", """{"id":"seven"}""", "github-unavailable", "an installation whose id is a text")]
    [InlineData("/access_tokens", "[]", "useless-token", "an installation token that is a list")]
    public async Task Nonsense_on_the_way_to_a_token_is_503(string at, string body, string kind, string why)
    {
        var answer = await AskAsync(TokenRequests.Organization, at, 200, body);
        Assert.True((503, kind) == (answer.Status, answer.Kind), why + ": " + answer.Text);
    }

    private static async Task<TokenResponse> AskAsync(string scope, string at, int status, string body)
    {
        var (github, broker) = await RecordingGitHub.StartAsync();
        await using var first = broker;
        await using var second = github;
        github.Answers[at] = (status, body);
        var answer = await broker.RequestTokenAsync(scope);
        Assert.DoesNotContain(
            broker.Logs.Lines,
            line => line.Exception is not null && line.Category.StartsWith("TokenBroker", StringComparison.Ordinal));
        return answer;
    }
}
