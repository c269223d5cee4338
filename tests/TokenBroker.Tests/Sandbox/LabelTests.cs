namespace TokenBroker.Tests.Sandbox;

/// <summary>The labels of a runner of the sandbox's GitHub.</summary>
public sealed class LabelTests
{
    private static readonly string[] Automatic = ["self-hosted", "Linux", "X64"];

    [Theory]
    [InlineData(GitHubClient.Organization, "orgs/octo-org")]
    [InlineData(GitHubClient.Repository, "repos/octo-org/hello")]
    [InlineData(GitHubClient.Enterprise, "enterprises/octo-ent")]
    public async Task Custom_labels_come_and_go_and_the_read_only_ones_stay(string path, string scope)
    {
        await using var client = await GitHubClient.StartAsync();
        var token = path == GitHubClient.Enterprise ? client.GitHub.EnterpriseToken : await client.TokenAsync();
        var labels = FormattableString.Invariant($"{path}/{client.GitHub.Runners.Add(scope, "vm-1", false, "gpu").Id}/labels");

        await ExpectAsync(HttpMethod.Get, labels, body: null, "gpu");
        await ExpectAsync(HttpMethod.Post, labels, """{"labels": ["GPU", "big", "big", "linux"]}""", "gpu", "big");
        await ExpectAsync(HttpMethod.Delete, labels + "/Gpu", body: null, "big");
        await ExpectAsync(HttpMethod.Put, labels, """{"labels": ["a b", "c"]}""", "a b", "c");
        await ExpectAsync(HttpMethod.Delete, labels + "/a%20b", body: null, "c");
        await ExpectAsync(HttpMethod.Delete, labels, body: null);
        await ExpectAsync(HttpMethod.Put, labels, """{"labels": ["d"]}""", "d");
        await ExpectAsync(HttpMethod.Put, labels, """{"labels": []}""");

        async Task ExpectAsync(HttpMethod method, string at, string? body, params string[] custom)
        {
            var answer = await client.SendAsync(method, at, token, body);
            Assert.Equal(200, answer.Status);
            var found = answer.Json["labels"]!.AsArray().Select(label => (label!["name"]!.ToString(), label["type"]!.ToString())).ToArray();
            Assert.Equal([.. Automatic.Select(name => (name, "read-only")), .. custom.Select(name => (name, "custom"))], found);
            Assert.Equal(found.Length, answer.Json["total_count"]!.GetValue<int>());
        }
    }

    [Theory]
    [InlineData("DELETE", "/labels/linux", null, 422)]
    [InlineData("DELETE", "/labels/unknown", null, 404)]
    [InlineData("POST", "/labels", """{"labels": []}""", 422)]
    [InlineData("POST", "/labels", "{}", 422)]
    [InlineData("PUT", "/labels", """{"labels": [null]}""", 422)]
    [InlineData("PUT", "/labels", "labels", 400)]
    public async Task What_is_wrong_changes_nothing(string method, string path, string? body, int status)
    {
        await using var client = await GitHubClient.StartAsync();
        var runner = client.GitHub.Runners.Add("orgs/octo-org", "vm-1", false, "gpu");
        var at = FormattableString.Invariant($"{GitHubClient.Organization}/{runner.Id}{path}");
        Assert.Equal(status, (await client.SendAsync(new HttpMethod(method), at, await client.TokenAsync(), body)).Status);
        Assert.Equal(runner, client.GitHub.Runners.List("orgs/octo-org")[^1]);
    }

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("POST", 403)]
    [InlineData("PUT", 403)]
    [InlineData("DELETE", 403)]
    public async Task Only_reading_is_for_the_read_level(string method, int status)
    {
        await using var client = await GitHubClient.StartAsync();
        var runner = client.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        var at = FormattableString.Invariant($"{GitHubClient.Organization}/{runner.Id}/labels");
        var body = method is "POST" or "PUT" ? """{"labels": ["x"]}""" : null;
        Assert.Equal(status, (await client.SendAsync(new HttpMethod(method), at, await client.TokenAsync("read"), body)).Status);
        Assert.Equal(404, (await client.SendAsync(new HttpMethod(
            method), GitHubClient.Organization + "/1/labels", await client.TokenAsync(), body)).Status);
    }
}
