using System.Diagnostics;
using System.Globalization;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Sandbox;

/// <summary>What the sandbox's GitHub lists, and how it spares those who ask again.</summary>
public sealed class ReadTests
{
    [Theory]
    [InlineData(GitHubClient.Organization)]
    [InlineData(GitHubClient.Repository)]
    [InlineData(GitHubClient.Enterprise)]
    public async Task Downloads_name_every_build_once_and_carry_a_token_only_when_configured(string path)
    {
        await using var client = await GitHubClient.StartAsync();
        var token = path == GitHubClient.Enterprise ? client.GitHub.EnterpriseToken : await client.TokenAsync("read");
        var plain = (await client.GetAsync(path + "/downloads", token)).Json.AsArray();
        Assert.Equal(7, plain.Select(one => $"{one!["os"]}-{one["architecture"]}").Distinct().Count());
        Assert.All(plain, one => Assert.EndsWith(one!["filename"]!.ToString(), one["download_url"]!.ToString(), StringComparison.Ordinal));
        Assert.All(plain, one => Assert.Null(one!["temp_download_token"]));

        client.GitHub.DownloadTokens = true;
        var first = (await client.GetAsync(path + "/downloads", token)).Json[0]!["temp_download_token"]!.ToString();
        Assert.Contains(first, client.GitHub.IssuedSecrets);
        Assert.NotEqual(first, (await client.GetAsync(path + "/downloads", token)).Json[0]!["temp_download_token"]!.ToString());
    }

    [Fact]
    public async Task Deprecations_are_for_versions_and_unknown_to_an_enterprise_server()
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync("read");
        var old = await client.GetAsync(GitHubClient.Organization + "/deprecations/2.300.0", token);
        var present = await client.GetAsync(GitHubClient.Repository + "/deprecations/" + SandboxRunnerRelease.Version, token);
        Assert.Equal("2.300.0", old.Json["runner_version"]!.ToString());
        Assert.NotNull(old.Json["registration_deprecates_at"]);
        Assert.Equal(200, present.Status);
        Assert.Null(present.Json["registration_deprecates_at"]);
        Assert.Equal(404, (await client.GetAsync(GitHubClient.Organization + "/deprecations/latest", token)).Status);
        Assert.Equal(3, client.GitHub.Requests.Count(SandboxRequestKind.Deprecation));

        client.GitHub.EnterpriseServer = true;
        var server = await client.GetAsync(GitHubClient.Organization + "/deprecations/2.300.0", token);
        Assert.Equal(404, server.Status);
        Assert.Null(server.Header("x-ratelimit-used"));
        Assert.NotNull(server.Header("x-github-enterprise-version"));
    }

    [Fact]
    public async Task Asking_again_with_the_tag_costs_nothing_until_something_changes()
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync("read");
        const string Path = GitHubClient.Organization + "?per_page=1";
        var first = await client.GetAsync(Path, token);
        var tag = first.Header("ETag")!;
        Assert.Matches("^W/\"[0-9a-f]+\"$", tag);

        foreach (var sent in new[] { tag, tag[2..], "\"other\", " + tag, "*" })
        {
            var again = await client.GetAsync(Path, token, sent);
            Assert.Equal((304, "", tag), (again.Status, again.Text, again.Header("ETag")));
            Assert.Equal(first.Header("Link"), again.Header("Link"));
            Assert.Equal(Used(first), Used(again));
            Assert.Equal(first.Header("x-ratelimit-remaining"), again.Header("x-ratelimit-remaining"));
        }

        Assert.Equal(200, (await client.GetAsync(Path, await client.TokenAsync("read"), tag)).Status);
        client.GitHub.Runners.Change(
            "orgs/octo-org",
            client.GitHub.Runners.List("orgs/octo-org")[0].Id,
            runner => runner with { Busy = !runner.Busy });
        Assert.Equal(200, (await client.GetAsync(Path, token, tag)).Status);
        Assert.Equal(Used(first) + 3, Used(await client.GetAsync(Path, token)));
    }

    [Fact]
    public async Task Links_keep_the_address_the_prefix_and_the_query()
    {
        await using var client = await GitHubClient.StartAsync();
        var answer = await client.GetAsync(
            "/api/v3" + GitHubClient.Organization + "?per_page=1&page=2&extra=%20x",
            await client.TokenAsync("read"));
        var link = answer.Header("Link")!;
        Assert.Equal(["prev", "next", "last", "first"], link.Split(", ").Select(one => one.Split("rel=")[1].Trim('"')));
        var id = client.GitHub.Accounts.Find("octo-org")!.Id;
        Assert.StartsWith(
            FormattableString.Invariant($"<{client.GitHub.Address}api/v3/organizations/{id}/actions/runners?per_page=1&extra=%20x&page=1>"),
            link,
            StringComparison.Ordinal);
        Assert.Equal("?per_page=1&page=2&extra=%20x", client.GitHub.Requests.Recent[^1].Query);
    }

    [Fact]
    public async Task Ten_thousand_runners_are_listed_by_the_page()
    {
        await using var client = await GitHubClient.StartAsync();
        var before = client.GitHub.Runners.List("enterprises/octo-ent").Count;
        var watch = Stopwatch.StartNew();
        for (var number = 0; number < 10_000; number++)
            client.GitHub.Runners.Add("enterprises/octo-ent", $"vm-{number}");
        var page = await client.GetAsync(GitHubClient.Enterprise + "?per_page=1000&page=100", client.GitHub.EnterpriseToken);
        var named = await client.GetAsync(GitHubClient.Enterprise + "?name=vm-9999", client.GitHub.EnterpriseToken);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.Equal(before + 10_000, page.Json["total_count"]!.GetValue<int>());
        Assert.Equal(100, page.Json["runners"]!.AsArray().Count);
        Assert.Equal("vm-9999", named.Json["runners"]!.AsArray().Single()!["name"]!.ToString());
        Assert.Equal(0, (await client.GetAsync(GitHubClient.Enterprise + "?name=vm", client.GitHub.EnterpriseToken)).Json["total_count"]!
            .GetValue<int>());
    }

    private static int Used(GitHubReply reply) => int.Parse(reply.Header("x-ratelimit-used")!, CultureInfo.InvariantCulture);
}
