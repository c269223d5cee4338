using System.Text;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Sandbox;

/// <summary>Just-in-time configurations of the sandbox's GitHub.</summary>
public sealed class JitConfigurationTests
{
    private const string Path = GitHubClient.Organization + "/generate-jitconfig";

    [Theory]
    [InlineData(GitHubClient.Organization, "orgs/octo-org")]
    [InlineData(GitHubClient.Repository, "repos/octo-org/hello")]
    [InlineData(GitHubClient.Enterprise, "enterprises/octo-ent")]
    public async Task It_makes_a_runner_of_the_scope_and_a_secret(string path, string scope)
    {
        await using var client = await GitHubClient.StartAsync();
        var token = path == GitHubClient.Enterprise ? client.GitHub.EnterpriseToken : await client.TokenAsync();
        var answer = await client.SendAsync(HttpMethod.Post, path + "/generate-jitconfig", token, Body("vm-7", 3, "Linux", "gpu"));
        Assert.Equal(201, answer.Status);
        var secret = answer.Json["encoded_jit_config"]!.GetValue<string>();
        Assert.Contains(secret, client.GitHub.IssuedSecrets);
        Assert.NotNull(JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(secret)))![".credentials"]);

        var runner = client.GitHub.Runners.List(scope)[^1];
        Assert.Equal(("vm-7", 3L, true, false), (runner.Name, runner.RunnerGroupId, runner.Ephemeral, runner.Online));
        Assert.Equal(runner.Id, answer.Json["runner"]!["id"]!.GetValue<long>());
        Assert.Equal("offline", answer.Json["runner"]!["status"]!.GetValue<string>());
        Assert.Equal([("Linux", false), ("gpu", true)], runner.Labels.Select(label => (label.Name, label.Custom)));
        Assert.Equal(1, client.GitHub.Requests.JitConfigurations);
    }

    [Fact]
    public async Task A_taken_name_is_a_conflict_and_no_two_secrets_are_the_same()
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync();
        var first = await client.SendAsync(HttpMethod.Post, Path, token, Body("vm-1", 1, "x"));
        var again = await client.SendAsync(HttpMethod.Post, Path, token, Body("VM-1", 1, "x"));
        var elsewhere = await client.SendAsync(
            HttpMethod.Post,
            GitHubClient.Repository + "/generate-jitconfig",
            token,
            Body("vm-1", 1, "x"));
        Assert.Equal((201, 409, 201), (first.Status, again.Status, elsewhere.Status));
        Assert.Equal("Already exists - A runner with the name VM-1 already exists.", again.Message);
        Assert.NotEqual(first.Json["encoded_jit_config"]!.ToString(), elsewhere.Json["encoded_jit_config"]!.ToString());
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("[]", 400)]
    [InlineData("{}", 422)]
    [InlineData("""{"name": "", "runner_group_id": 1, "labels": ["x"]}""", 422)]
    [InlineData("""{"name": 1, "runner_group_id": 1, "labels": ["x"]}""", 422)]
    [InlineData("""{"name": "n", "runner_group_id": "1", "labels": ["x"]}""", 422)]
    [InlineData("""{"name": "n", "runner_group_id": 1, "labels": []}""", 422)]
    [InlineData("""{"name": "n", "runner_group_id": 1, "labels": "x"}""", 422)]
    [InlineData("""{"name": "n", "runner_group_id": 1, "labels": [1]}""", 422)]
    [InlineData("""{"name": "n", "runner_group_id": 1, "labels": ["x"], "work_folder": 1}""", 422)]
    [InlineData("""{"name": "n", "runner_group_id": 99, "labels": ["x"]}""", 404)]
    public async Task A_wrong_body_makes_no_runner(string body, int status)
    {
        await using var client = await GitHubClient.StartAsync();
        var before = client.GitHub.Runners.List("orgs/octo-org").Count;
        var answer = await client.SendAsync(HttpMethod.Post, Path, await client.TokenAsync(), body);
        Assert.Equal(status, answer.Status);
        Assert.NotEmpty(answer.Message);
        Assert.Equal(status == 422, answer.Json["errors"] is JsonArray { Count: > 0 });
        Assert.Equal(before, client.GitHub.Runners.List("orgs/octo-org").Count);
    }

    [Fact]
    public async Task More_than_a_hundred_labels_are_too_many()
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync();
        string[] labels = [.. Enumerable.Range(0, 101).Select(number => $"label-{number}")];
        Assert.Equal(422, (await client.SendAsync(HttpMethod.Post, Path, token, Body("many", 1, labels))).Status);
        Assert.Equal(201, (await client.SendAsync(HttpMethod.Post, Path, token, Body("many", 1, labels[1..]))).Status);
    }

    [Fact]
    public async Task It_needs_the_write_level_and_a_group_may_be_added()
    {
        await using var client = await GitHubClient.StartAsync();
        client.GitHub.Runners.AddGroup(99);
        Assert.Equal(403, (await client.SendAsync(HttpMethod.Post, Path, await client.TokenAsync("read"), Body("vm-1", 99, "x"))).Status);
        Assert.Equal(201, (await client.SendAsync(HttpMethod.Post, Path, await client.TokenAsync(), Body("vm-1", 99, "x"))).Status);
        Assert.Equal("write", client.GitHub.Requests.Recent[^1].Permissions![SandboxPermissions.OrganizationSelfHostedRunners]);
    }

    internal static string Body(string name, long group, params string[] labels) => new JsonObject
    {
        ["name"] = name,
        ["runner_group_id"] = group,
        ["labels"] = new JsonArray([.. labels.Select(label => JsonValue.Create(label))]),
    }.ToJsonString();
}
