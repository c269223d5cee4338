using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Labels;

public sealed class LabelBoundsTests
{
    private const string Gpu = """{ "Names": [ "vm-*" ], "Labels": [ "gpu", "size-*", "team/*" ], "RequiredLabels": [ "Pool" ] }""";

    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task Labels_are_listed_added_replaced_and_removed(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu));
        var labels = $"{prefix}/{scope}/actions/runners/{broker.GitHub.Runners.Add(scope, "vm-1", busy: false, "pool").Id}/labels";
        Assert.Equal("self-hosted Linux X64 pool", (await broker.GetAsync(labels)).Is(200).Labels);
        Assert.Equal(
            "self-hosted Linux X64 pool gpu size-l",
            (await broker.SendAsync("POST", labels, new { labels = new[] { "gpu", "size-l" } })).Is(200).Labels);
        Assert.Equal("self-hosted Linux X64 pool gpu", (await broker.SendAsync("DELETE", labels + "/size-l")).Is(200).Labels);
        Assert.Equal(
            "self-hosted Linux X64 size-s Pool",
            (await broker.SendAsync("PUT", labels, new { labels = new[] { "size-s" } })).Is(200).Labels);
        Assert.Equal("self-hosted Linux X64 Pool", (await broker.SendAsync("DELETE", labels)).Is(200).Labels);
        Assert.Equal(
            "self-hosted Linux X64 Pool",
            (await broker.SendAsync("PUT", labels, new { labels = Array.Empty<string>() })).Is(200).Labels);
    }

    [Theory]
    [InlineData("POST", "", """{"labels":["cpu"]}""", "labels:forbidden", "outside of Labels")]
    [InlineData(
        "POST",
        "",
        """{"labels":["gpu","cpu","GPU"]}""",
        "labels:forbidden labels:forbidden",
        "each one is told, and patterns are exact")]
    [InlineData("POST", "", """{"labels":["team/a/b"]}""", "labels:forbidden", "a star stops at a slash")]
    [InlineData("PUT", "", """{"labels":["cpu"]}""", "labels:forbidden", "what it has already is given anew")]
    [InlineData("DELETE", "/pool", null, "labels:forbidden", "required")]
    [InlineData("DELETE", "/POOL", null, "labels:forbidden", "required in any letter case")]
    [InlineData("DELETE", "/cpu", null, "labels:forbidden", "outside of Labels")]
    [InlineData("DELETE", "/self-hosted", null, "labels:forbidden", "GitHub's own, outside of Labels")]
    public async Task What_the_policy_does_not_name_is_neither_given_nor_taken(
        string method,
        string below,
        string? body,
        string fields,
        string why)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, "pool", "cpu");
        var answer = await broker.SendAsync(method, $"{RunnerApi.Organization}/{runner.Id}/labels{below}", body);
        Assert.True(fields == answer.IsFailure(403, "runner-not-allowed").Fields, why);
        Assert.Equal("pool cpu", broker.LabelsOf("vm-1"));
        Assert.Equal((0, 0, 0), Changes(broker));
    }

    [Theory]
    [InlineData("PUT", """{"labels":["gpu"]}""")]
    [InlineData("DELETE", null)]
    public async Task What_the_caller_may_not_take_is_not_taken_by_replacing_all(string method, string? body)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, "pool", "quarantine");
        var answer = await broker.SendAsync(method, $"{RunnerApi.Organization}/{runner.Id}/labels", body);
        Assert.Contains("'quarantine'", answer.IsFailure(403, "runner-not-allowed").Detail, StringComparison.Ordinal);
        Assert.Equal("pool quarantine", broker.LabelsOf("vm-1"));
    }

    [Theory]
    [InlineData("POST", "", """{"labels":["gpu"]}""")]
    [InlineData("PUT", "", """{"labels":["gpu"]}""")]
    [InlineData("DELETE", "", null)]
    [InlineData("DELETE", "/gpu", null)]
    public async Task A_runner_of_another_name_is_left_alone(string method, string below, string? body)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "prod-1", busy: false, "gpu");
        var answer = await broker.SendAsync(method, $"{RunnerApi.Organization}/{runner.Id}/labels{below}", body);
        Assert.Equal("runner_id:forbidden", answer.IsFailure(403, "runner-not-allowed").Fields);
        Assert.Equal((0, 0, 0), Changes(broker));
        (await broker.SendAsync(method, $"{RunnerApi.Organization}/999999/labels{below}", body)).IsFailure(404, "unknown-runner");
    }

    [Theory]
    [InlineData("PUT", """{"labels":["pool","gpu"]}""", "pool gpu")]
    [InlineData("PUT", """{"labels":["gpu","POOL"]}""", "gpu POOL")]
    [InlineData("PUT", """{"labels":[]}""", "Pool")]
    [InlineData("DELETE", null, "Pool")]
    public async Task Required_labels_are_added_once_in_whatever_letter_case(string method, string? body, string expected)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, "gpu", "size-l");
        (await broker.SendAsync(method, $"{RunnerApi.Organization}/{runner.Id}/labels", body)).Is(200);
        Assert.Equal(expected, broker.LabelsOf("vm-1"));
    }

    [Theory]
    [InlineData("POST", "", """{"labels":["gpu"]}""", "another block has the label, but not for this name")]
    [InlineData("PUT", "", """{"labels":["gpu"]}""", "the same when replacing")]
    [InlineData("DELETE", "/gpu", null, "and when taking")]
    public async Task Two_blocks_are_not_added_together(string method, string below, string? body, string why)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(
            """{ "Names": [ "vm-*" ], "Labels": [ "cpu" ] }""", """{ "Names": [ "gpu-*" ], "Labels": [ "gpu" ] }"""));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, "gpu");
        var answer = await broker.SendAsync(method, $"{RunnerApi.Organization}/{runner.Id}/labels{below}", body);
        Assert.True(answer.Status == 403, why);
        answer.IsFailure(403, "runner-not-allowed");
        Assert.Equal((0, 0, 0), Changes(broker));
    }

    [Fact]
    public async Task Any_block_that_a_request_fits_will_do()
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(
            """{ "Names": [ "vm-*" ], "Labels": [ "cpu" ] }""", """{ "Names": [ "vm-1" ], "Labels": [ "gpu" ] }"""));
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        (await broker.SendAsync("POST", $"{RunnerApi.Organization}/{runner.Id}/labels", new { labels = new[] { "gpu" } })).Is(200);
        (await broker.SendAsync("POST", $"{RunnerApi.Organization}/{runner.Id}/labels", new { labels = new[] { "cpu" } })).Is(200);
        (await broker.SendAsync("POST", $"{RunnerApi.Organization}/{runner.Id}/labels", new { labels = new[] { "cpu", "gpu" } })).IsFailure(
            403,
            "runner-not-allowed");
    }

    [Theory]
    [InlineData("POST", "/1/labels")]
    [InlineData("POST", "/generate-jitconfig")]
    public async Task A_refusal_repeats_a_few_labels_only(string method, string below)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu));
        var id = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1").Id;
        var path = RunnerApi.Organization + below.Replace("/1/", FormattableString.Invariant($"/{id}/"), StringComparison.Ordinal);
        var labels = Enumerable.Range(0, 90).Select(number => $"cpu-{number}-" + new string('x', 200)).ToList();
        var answer = (await broker.SendAsync(method, path, new { name = "vm-2", labels })).IsFailure(403, "runner-not-allowed");
        Assert.Equal(6, answer.Json.GetProperty("errors").GetArrayLength());
        Assert.Equal(
            "labels:forbidden labels:forbidden labels:forbidden labels:forbidden labels:forbidden labels:forbidden",
            answer.Fields);
        Assert.EndsWith("'labels' has 85 more that no policy lets this caller add or remove.", answer.Detail, StringComparison.Ordinal);
        Assert.InRange(answer.Bytes.Length, 1, 6000);
    }

    [Fact]
    public async Task A_label_that_is_GitHubs_own_is_GitHubs_own_422()
    {
        await using var broker = await TestBroker.StartAsync();
        var runner = broker.RunnerOf("octo-org-runner-1");
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}/labels/Linux")).IsFailure(422, "unprocessable");
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}/labels/absent")).IsFailure(404, "unknown-runner");
    }

    [Theory]
    [InlineData("POST", "", """{"labels":["gpu"]}""", "pool size-l gpu")]
    [InlineData("PUT", "", """{"labels":["gpu"]}""", "gpu Pool")]
    [InlineData("DELETE", "", null, "Pool")]
    [InlineData("DELETE", "/size-l", null, "pool")]
    public async Task A_change_whose_answer_was_lost_is_made_once(string method, string below, string? body, string expected)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Gpu), new ManualClock());
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1", busy: false, "pool", "size-l");
        broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, times: 1, path: "/labels");
        var answer = (await broker.SendAsync(method, $"{RunnerApi.Organization}/{runner.Id}/labels{below}", body)).Is(200);
        Assert.Equal(expected, broker.LabelsOf("vm-1"));
        Assert.Equal("self-hosted Linux X64 " + expected, answer.Labels);
    }

    private static (int Additions, int Replacements, int Removals) Changes(TestBroker broker) => (
        broker.GitHub.Requests.Count(SandboxRequestKind.LabelAddition),
        broker.GitHub.Requests.Count(SandboxRequestKind.LabelReplacement),
        broker.GitHub.Requests.Count(SandboxRequestKind.LabelRemoval) + broker.GitHub.Requests.Count(SandboxRequestKind.LabelsRemoval));
}
