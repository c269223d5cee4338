using Microsoft.Extensions.DependencyInjection;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>What Octokit makes of answers that are odd.</summary>
public sealed class GitHubAnswerTests
{
    [Theory]
    [InlineData("<https://api.example/a?page=2>; rel=\"next\", <https://api.example/a?page=9>; rel=\"last\"", 2, "as GitHub writes it")]
    [InlineData("<https://api.example/a?page=2>; rel=\"next\", <https://api.example/a?page=2>; rel=\"next\"", 0, "one twice")]
    [InlineData("<?page=2>; rel=\"next\"", 0, "no whole address")]
    [InlineData("nonsense", 0, "no link")]
    [InlineData(null, 0, "none")]
    public async Task Links_that_are_nonsense_cost_no_answer(string? link, int count, string why)
    {
        using var response = new HttpResponseMessage { Content = new StringContent("[]") };
        if (link is not null)
            response.Headers.TryAddWithoutValidation("Link", link);
        response.Headers.TryAddWithoutValidation("ETag", "\"1\"");
        var answer = await GitHubAnswer.ReadAsync(response, CancellationToken.None);
        Assert.True(count == answer.ApiInfo.Links.Count, why);
        Assert.Equal(("\"1\"", true, 2), (answer.ApiInfo.Etag, answer.IsSuccess, answer.Content.Length));
    }

    [Theory]
    [InlineData("5000", "4999", "1777640400", true)]
    [InlineData("5000", null, "1777640400", false)]
    [InlineData("5000", "-1", "1777640400", false)]
    [InlineData("5000", "4999, 4999", "1777640400", false)]
    [InlineData("5000", "4999", "1777640400000", false)]
    [InlineData("5000", "4999", null, false)]
    [InlineData(null, "4999", "1777640400", false)]
    public async Task A_window_is_used_only_when_it_is_complete(string? limit, string? remaining, string? reset, bool isTaken)
    {
        // The clock stands at 2026-05-01T12:00:00Z, an hour before that reset.
        await using var broker = await TokenRequests.StartBrokerAsync();
        var quota = broker.Services.GetRequiredService<GitHubQuota>();
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in new[] { ("limit", limit), ("remaining", remaining), ("reset", reset) })
        {
            if (value is not null)
                response.Headers.TryAddWithoutValidation("x-ratelimit-" + name, value);
        }

        quota.Observe(
            new GitHubCredential("installation 1", GitHubCredentialKind.Installation, "none"),
            await GitHubAnswer.ReadAsync(response, CancellationToken.None));
        Assert.Equal(isTaken, quota.Windows.Any(window => window.Credential == "installation 1"));
    }

    [Theory]
    [InlineData("""{"id":42,"account":{"login":"octo","id":7,"type":"Organization"},"permission"""
        + """s":{"administration":"write"},"suspended_at":null}""", "Organization", true)]
    [InlineData("""{"id":42,"account":{"login":"octo","id":7,"type":"Something """
        + """new"},"app_id":null,"target_type":9,"permissions":{"administration":"write","later":[1]}}""", "Something new", true)]
    [InlineData("""{"id":42,"account":{"slug":"octo","id":7,"created_at":null}}""", null, true)]
    [InlineData("""{"id":42,"permissions":{}}""", null, false)]
    public async Task An_installation_is_read_whatever_else_is_said(string json, string? type, bool isGranted)
    {
        var installation = (await OctokitResponse.ReadAsync(
            json,
            github => github.Get<Installation>(new Uri("installation", UriKind.Relative), parameters: null))).Body;
        Assert.Equal((42, type, null), (installation.Id, installation.Account?.Type, installation.SuspendedAt));
        Assert.Equal(isGranted, installation.Grants(new Permission("administration", "write")));
    }
}
