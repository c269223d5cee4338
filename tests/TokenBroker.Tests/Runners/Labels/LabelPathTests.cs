using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Labels;

public sealed class LabelPathTests
{
    [Theory]
    [InlineData("gpu", "gpu", "gpu")]
    [InlineData("a%20b", "a b", "a%20b")]
    [InlineData("a+b", "a+b", "a%2Bb")]
    [InlineData("a%2Fb", "a/b", "a%2Fb")]
    [InlineData("a%2fb", "a/b", "a%2Fb")]
    [InlineData("a%252Fb", "a%2Fb", "a%252Fb")]
    [InlineData("a%2520b", "a%20b", "a%2520b")]
    [InlineData("a%3Fb%23c", "a?b#c", "a%3Fb%23c")]
    [InlineData("%E4%B8%80", "一", "%E4%B8%80")]
    [InlineData("%F0%9F%9A%80", "🚀", "%F0%9F%9A%80")]
    [InlineData("...", "...", "...")]
    [InlineData("...%2F..x", ".../..x", "...%2F..x")]
    [InlineData("100%25", "100%", "100%25")]
    public async Task A_name_is_decoded_once_and_escaped_for_GitHub(string sent, string label, string asked)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound("""{ "Names": [ "*" ], "Labels": [ "*", "*/*" ] }"""));
        foreach (var (prefix, suffix) in new[] { ("", ""), ("/api/v3", "?x=/y") })
        {
            var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, label);
            broker.GitHub.Requests.Reset();
            await broker.SendAsWrittenAsync("DELETE", $"{prefix}{RunnerApi.Organization}/{runner.Id}/labels/{sent}{suffix}");
            Assert.Equal(
                $"{RunnerApi.Organization}/{runner.Id}/labels/{asked}",
                broker.GitHub.Requests.OfKind(SandboxRequestKind.LabelRemoval).Single().Path);
        }
    }

    [Theory]
    [InlineData("gpu%2Fx", "a slash that is not named")]
    [InlineData("gpu%252Fx", "an escaped one")]
    [InlineData("GPU", "another letter case")]
    [InlineData("%67pux", "escaped letters are letters")]
    public async Task The_decoded_name_is_what_the_policy_looks_at(string sent, string why)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound("""{ "Names": [ "*" ], "Labels": [ "gpu" ] }"""));
        var runner = broker.RunnerOf("octo-org-runner-3");
        Assert.True((await broker.SendAsWrittenAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}/labels/{sent}")).Status == 403, why);
        (await broker.SendAsWrittenAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}/labels/g%70u")).Is(200);
        Assert.Equal("size-large", broker.LabelsOf("octo-org-runner-3"));
    }

    [Theory]
    [InlineData("%20")]
    [InlineData("%0A")]
    [InlineData("a%00b")]
    [InlineData("..%2F..")]
    [InlineData("x%2F%2E%2E")]
    [InlineData("..%2Fx")]
    [InlineData("x%2F.%2Fy")]
    [InlineData("x%2F..%5Cy")]
    [InlineData("..%5Cy")]
    public async Task What_can_be_no_label_is_never_asked_for(string sent)
    {
        await using var broker = await TestBroker.StartAsync(
            RunnerApi.Bound("""{ "Names": [ "*" ], "Labels": [ "*", "*/*", "*/*/*" ] }"""));
        var runner = broker.RunnerOf("octo-org-runner-1");
        var answer = await broker.SendAsWrittenAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}/labels/{sent}");
        answer.Is(400);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task A_label_is_taken_by_the_name_that_the_runner_has()
    {
        await using var broker = await TestBroker.StartAsync(
            RunnerApi.Bound("""{ "Names": [ "*" ], "Labels": [ "gpu", "GPU", "disk" ] }"""));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, "GPU", "Disk");
        var labels = $"{RunnerApi.Organization}/{runner.Id}/labels";
        (await broker.SendAsync("DELETE", labels + "/gpu")).Is(200);
        Assert.Equal(labels + "/GPU", broker.GitHub.Requests.OfKind(SandboxRequestKind.LabelRemoval).Single().Path);
        Assert.Equal("Disk", broker.LabelsOf("vm-1"));

        // The policy names another label, which GitHub takes for this one.
        Assert.Contains(
            "'Disk'",
            (await broker.SendAsync("DELETE", labels + "/disk")).IsFailure(403, "runner-not-allowed").Detail,
            StringComparison.Ordinal);
        Assert.Equal("Disk", broker.LabelsOf("vm-1"));

        (await broker.SendAsync("DELETE", labels + "/gpu")).IsFailure(404, "unknown-runner");
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.LabelRemoval));
    }

    [Fact]
    public async Task One_that_is_too_long_is_400()
    {
        await using var broker = await TestBroker.StartAsync();
        var path = $"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-1").Id}/labels/";
        Assert.Equal(
            "name:invalid",
            (await broker.SendAsync("DELETE", path + new string('a', 257))).IsFailure(400, "invalid-request").Fields);
        (await broker.SendAsync("DELETE", path + new string('a', 256))).IsFailure(404, "unknown-runner");
    }

    // The server takes dot segments out of every path before anything looks at it, and what is left names the runner itself.
    [Theory]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("x/../..")]
    public async Task Dots_that_lead_to_the_runner_delete_no_runner(string sent)
    {
        await using var broker = await TestBroker.StartAsync((configuration, host) =>
        {
            RunnerApi.Bound("""{ "Names": [ "*" ], "Labels": [ "*" ] }""")(configuration, host);
            configuration["Authorization"]!["Policies"]!["block-0"]!["Operations"] = new JsonArray("labels", "delete");
        });
        var runner = broker.RunnerOf("octo-org-runner-1");
        (await broker.SendAsWrittenAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}/labels/{sent}")).IsFailure(
            400,
            "invalid-request");
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }
}
