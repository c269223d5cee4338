using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Tests.GitHub;

/// <summary>Something that is not GitHub's API answers 404: a web page, a proxy, another service. That says nothing of the App.</summary>
public sealed class StrangerTests
{
    private const string Told = "The server that responded is not GitHub's API.";
    private const string Page = "<html>Not Found hunter2</html>";

    [Theory]
    [InlineData("/installation", "installation", Page)]
    [InlineData("/access_tokens", "installation-token", "")]
    [InlineData("/registration-token", "registration-token", """{ "error": "404 Not Found hunter2" }""")]
    public async Task A_404_that_is_not_GitHubs_is_an_outage(string at, string call, string body)
    {
        var (github, broker) = await RecordingGitHub.StartAsync();
        await using var ofGitHub = github;
        await using var ofBroker = broker;
        github.Answers[at] = (404, body);
        Assert.Equal(Told, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "github-unavailable").Detail);
        Assert.Equal(("degraded", Told), await ReadinessAsync(broker));
        Assert.Contains(broker.Logs.Lines, line => line.Level == LogLevel.Warning
            && line.Message == $"The server at GitHub:ApiUrl is not GitHub's API: it answered {call} with 404. "
                + "The API of a GitHub Enterprise Server is at https://HOST/api/v3");
        Assert.DoesNotContain("hunter2", broker.Logs.Text, StringComparison.Ordinal);

        // An outage takes nobody's token away, and is over when GitHub is back.
        github.Answers.Clear();
        await Eventually.IsTrueAsync(
            async () => (await broker.RequestTokenAsync(TokenRequests.Organization)).Status == 201,
            "GitHub was asked again");
        Assert.Equal(("ok", "no known problems"), await ReadinessAsync(broker));
    }

    [Fact]
    public async Task A_404_of_GitHubs_says_that_there_is_nothing()
    {
        var (github, broker) = await RecordingGitHub.StartAsync();
        await using var ofGitHub = github;
        await using var ofBroker = broker;
        github.Answers["/installation"] = (
            404,
            """{ "message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404" }""");
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(404, "not-installed");
        Assert.Equal(("ok", "no known problems"), await ReadinessAsync(broker));
    }

    [Fact]
    public async Task Another_service_in_GitHubs_place_is_reported()
    {
        await using var broker = await TokenRequests.StartBrokerAsync(
            (configuration, host) => configuration["GitHub"]!["ApiUrl"] = host.Issuer.Address.GetLeftPart(UriPartial.Authority));
        foreach (var scope in new[] { TokenRequests.Organization, TokenRequests.Repository, TokenRequests.Enterprise })
            Assert.Equal(Told, (await broker.RequestTokenAsync(scope)).IsFailure(503, "github-unavailable").Detail);
    }

    /// <summary>What <c>/readyz</c> says of GitHub.</summary>
    internal static async Task<(string? Status, string? Detail)> ReadinessAsync(TestBroker broker)
    {
        var check = JsonNode.Parse(await broker.Client.GetStringAsync("/readyz"))!["checks"]!["github"]!;
        return (check["status"]!.GetValue<string>(), check["detail"]!.GetValue<string>());
    }
}
