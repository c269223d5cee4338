using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Jit;

public sealed class JitBoundsTests
{
    private const string Wide = """
        { "Names": [ "vm-*" ], "Labels": [ "gpu", "size-*" ], "RequiredLabels": [ "Pool" ], "GroupIds": [ 2, 3 ],
          "WorkFolders": [ "_work", "/data/*" ] }
        """;

    private const string One = """{ "Names": [ "vm-1" ], "Labels": [ "gpu" ], "GroupIds": [ 3 ], "WorkFolders": [ "/data" ] }""";

    [Theory]
    [InlineData("""{"name":"prod-1","runner_group_id":2}""", "name:forbidden")]
    [InlineData("""{"name":"VM-1","runner_group_id":2}""", "name:forbidden")]
    [InlineData("""{"name":"vm-1","runner_group_id":1}""", "runner_group_id:forbidden")]
    [InlineData("""{"name":"vm-1","runner_group_id":2,"labels":["cpu","gpu","GPU"]}""", "labels:forbidden labels:forbidden")]
    [InlineData("""{"name":"vm-1","runner_group_id":2,"work_folder":"/etc"}""", "work_folder:forbidden")]
    [InlineData("""{"name":"vm-1","runner_group_id":2,"work_folder":"/data/a/b"}""", "work_folder:forbidden")]
    [InlineData(
        """{"name":"x","runner_group_id":9,"labels":["cpu"],"work_folder":"/"}""",
        "name:forbidden runner_group_id:forbidden work_folder:forbidden labels:forbidden")]
    [InlineData("""{"name":"prod-1"}""", "name:forbidden runner_group_id:missing_field")]
    public async Task What_the_policy_does_not_name_is_403_and_named(string body, string fields)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Wide));
        Assert.Equal(fields, (await broker.SendAsync("POST", RunnerApi.Jit, body)).IsFailure(403, "runner-not-allowed").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData("""{"runner_group_id":2}""", "name:missing_field")]
    [InlineData("""{"name":"vm-1"}""", "runner_group_id:missing_field")]
    [InlineData("{}", "name:missing_field runner_group_id:missing_field")]
    [InlineData("", "name:missing_field runner_group_id:missing_field")]
    [InlineData(
        """{"name":null,"runner_group_id":null,"labels":null,"work_folder":null}""",
        "name:missing_field runner_group_id:missing_field")]
    public async Task What_is_left_out_where_the_policy_leaves_a_choice_is_422(string body, string fields)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Wide));
        Assert.Equal(fields, (await broker.SendAsync("POST", RunnerApi.Jit, body)).IsFailure(422, "invalid-fields").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData("""{ "Names": [ "*" ] }""", "labels:missing_field", "no label at all")]
    [InlineData("""{ "Names": [ "*" ], "Labels": [ "a", "b" ] }""", "labels:missing_field", "a choice of labels")]
    [InlineData(
        """{ "Names": [ "*" ], "Labels": [ "a" ], "WorkFolders": [ "/a", "/b" ] }""",
        "work_folder:missing_field",
        "a choice of folders without GitHub's own")]
    public async Task Labels_and_folder_are_required_if_the_policy_leaves_a_choice(string block, string fields, string why)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(block));
        var answer = await broker.SendAsync("POST", RunnerApi.Jit, """{"name":"vm-1"}""");
        Assert.True(answer.IsFailure(422, "invalid-fields").Fields == fields, why);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("""{"name":"vm-1","runner_group_id":3,"labels":["gpu"],"work_folder":"/data","some_future_field":1}""")]
    public async Task What_is_left_out_is_filled_where_the_policy_names_one_value(string body)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(One));
        (await broker.SendAsync("POST", RunnerApi.Jit, body)).Is(201);
        Assert.Equal((3, "gpu"), (broker.RunnerOf("vm-1").RunnerGroupId, broker.LabelsOf("vm-1")));
    }

    [Fact]
    public async Task Without_a_word_of_groups_and_folders_they_are_GitHubs_own()
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound("""{ "Names": [ "vm-*" ], "RequiredLabels": [ "pool" ] }"""));
        (await broker.SendAsync("POST", RunnerApi.Jit, """{"name":"vm-1"}""")).Is(201);
        Assert.Equal((1, "pool"), (broker.RunnerOf("vm-1").RunnerGroupId, broker.LabelsOf("vm-1")));
        Assert.Equal("work_folder:forbidden", (await broker.SendAsync(
            "POST",
            RunnerApi.Jit,
            """{"name":"vm-2","work_folder":"/x"}""")).IsFailure(403, "runner-not-allowed").Fields);
    }

    [Theory]
    [InlineData("", "Pool")]
    [InlineData(""","labels":["gpu"]""", "gpu Pool")]
    [InlineData(""","labels":["pool","gpu","gpu"]""", "pool gpu")]
    public async Task Required_labels_are_added_once_in_whatever_letter_case(string labels, string expected)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Wide));
        var answer = (await broker.SendAsync("POST", RunnerApi.Jit, $$"""{"name":"vm-1","runner_group_id":2{{labels}}}""")).Is(201);
        Assert.Equal(expected, string.Join(' ', answer.Json.GetProperty("runner")
            .GetProperty("labels")
            .EnumerateArray()
            .Select(label => label.GetProperty("name").GetString())));
    }

    [Fact]
    public async Task A_hundred_labels_and_those_required_are_too_many()
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(Wide));
        var labels = Enumerable.Range(0, 100).Select(number => "size-" + number);
        Assert.Equal("labels:forbidden", (await broker.SendAsync(
            "POST",
            RunnerApi.Jit,
            new { name = "vm-1", runner_group_id = 2, labels })).IsFailure(403, "runner-not-allowed").Fields);
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 2, labels = labels.Skip(1) })).Is(201);
    }

    [Theory]
    [InlineData("""{"name":"vm-1","runner_group_id":2,"labels":["a"]}""", "the group of the second block with the name of the first")]
    [InlineData("""{"name":"gpu-1","runner_group_id":2,"labels":["a"]}""", "the label of the first block with the rest of the second")]
    [InlineData("""{"name":"vm-1","runner_group_id":1,"labels":["a","b"]}""", "labels of both")]
    public async Task Two_blocks_are_not_added_together(string body, string why)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(
            """{ "Names": [ "vm-*" ], "Labels": [ "a" ], "GroupIds": [ 1 ] }""",
            """{ "Names": [ "gpu-*" ], "Labels": [ "b" ], "GroupIds": [ 2 ] }"""));
        var answer = await broker.SendAsync("POST", RunnerApi.Jit, body);
        Assert.True(answer.Status == 403, why);
        answer.IsFailure(403, "runner-not-allowed");
        Assert.Equal(0, broker.GitHub.Requests.Total);
        (await broker.SendAsync("POST", RunnerApi.Jit, """{"name":"gpu-1","labels":["b"]}""")).Is(201);
        Assert.Equal(2, broker.RunnerOf("gpu-1").RunnerGroupId);
    }

    [Fact]
    public async Task Required_labels_of_one_block_do_not_come_with_another()
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(
            """{ "Names": [ "vm-*" ], "RequiredLabels": [ "a" ] }""", """{ "Names": [ "gpu-*" ], "RequiredLabels": [ "b" ] }"""));
        (await broker.SendAsync("POST", RunnerApi.Jit, """{"name":"gpu-1"}""")).Is(201);
        Assert.Equal("b", broker.LabelsOf("gpu-1"));
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.JitConfiguration));
    }
}
