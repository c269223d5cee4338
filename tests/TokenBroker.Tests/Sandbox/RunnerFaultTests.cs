using System.Runtime.CompilerServices;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Sandbox;

/// <summary>Faults of the sandbox's GitHub that are about runners.</summary>
public sealed class RunnerFaultTests
{
    private const string Jit = GitHubClient.Organization + "/generate-jitconfig";

    [Theory]
    [InlineData(SandboxFaultNames.ResetAfterEffect)]
    [InlineData(SandboxFaultNames.BadGatewayAfterEffect)]
    public async Task A_lost_answer_leaves_its_runner_behind(string fault)
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync();
        client.GitHub.Faults.Add(fault, times: 1, path: "generate-jitconfig");
        var body = JitConfigurationTests.Body("vm-1", 1, "x");
        if (fault == SandboxFaultNames.ResetAfterEffect)
            await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(HttpMethod.Post, Jit, token, body));
        else
            Assert.Equal(
                (502, ""),
                await client.SendAsync(HttpMethod.Post, Jit, token, body) is var lost ? (lost.Status, lost.Text) : default);

        Assert.Equal("vm-1", client.GitHub.Runners.List("orgs/octo-org")[^1].Name);
        Assert.Equal(409, (await client.SendAsync(HttpMethod.Post, Jit, token, body)).Status);
    }

    [Fact]
    public async Task Unknown_members_are_in_every_object()
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync();
        client.GitHub.Faults.Add(SandboxFaultNames.UnknownFields);
        var list = (await client.GetAsync(GitHubClient.Organization, token)).Json;
        var made = (await client.SendAsync(HttpMethod.Post, Jit, token, JitConfigurationTests.Body("vm-1", 1, "x"))).Json;
        var downloads = (await client.GetAsync(GitHubClient.Organization + "/downloads", token)).Json;
        Assert.All(
            new[] { list, list["runners"]![0], list["runners"]![0]!["labels"]![0], made["runner"], downloads[0] },
            json => Assert.True(json!["from_the_future"]!["list"]![1]!["deep"]!.GetValue<bool>()));
    }

    [Theory]
    [InlineData(SandboxFaultNames.NoToken, null)]
    [InlineData(SandboxFaultNames.EmptyToken, "")]
    public async Task A_configuration_may_be_missing(string fault, string? configuration)
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync();
        client.GitHub.Faults.Add(fault, times: 1);
        var answer = await client.SendAsync(HttpMethod.Post, Jit, token, JitConfigurationTests.Body("vm-1", 1, "x"));
        Assert.Equal((201, configuration), (answer.Status, answer.Json["encoded_jit_config"]?.ToString()));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("", "/downloads")]
    [InlineData("", "/deprecations/2.300.0")]
    [InlineData("", "/1/labels")]
    [InlineData("DELETE", "/1/labels/x")]
    public async Task Whatever_is_about_runners_can_fail(string method, string path)
    {
        await using var client = await GitHubClient.StartAsync();
        var token = await client.TokenAsync();
        var verb = new HttpMethod(method.Length == 0 ? "GET" : method);
        foreach (var (fault, status) in new[]
        {
            (SandboxFaultNames.MissingPermission, 403),
            (SandboxFaultNames.Html, 200),
            (SandboxFaultNames.TruncatedJson, 200),
        })
        {
            client.GitHub.Faults.Add(fault, times: 1);
            Assert.Equal(status, (await client.SendAsync(verb, GitHubClient.Organization + path, token)).Status);
            Assert.Empty(client.GitHub.Faults.Active);
        }

        Assert.NotEqual(SandboxRequestKind.Other, client.GitHub.Requests.Recent[^1].Kind);
    }

    [Fact]
    public void Every_fault_is_explained()
    {
        var text = File.ReadAllText(Path.Combine(SourceFolder(), "..", "..", "..", "docs", "sandbox.md"));
        Assert.All(SandboxFaults.Names, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
