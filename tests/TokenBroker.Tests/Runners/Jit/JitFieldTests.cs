namespace TokenBroker.Tests.Runners.Jit;

public sealed class JitFieldTests
{
    [Theory]
    [InlineData("""{"name":""}""", "name:invalid")]
    [InlineData("""{"name":" "}""", "name:invalid")]
    [InlineData("""{"name":7}""", "name:invalid")]
    [InlineData("""{"name":"a\u0000b"}""", "name:invalid")]
    [InlineData("""{"name":"\udc00"}""", "name:invalid")]
    [InlineData("""{"name":"vm-1","runner_group_id":0}""", "runner_group_id:invalid")]
    [InlineData("""{"name":"vm-1","runner_group_id":-1}""", "runner_group_id:invalid")]
    [InlineData("""{"name":"vm-1","runner_group_id":"1"}""", "runner_group_id:invalid")]
    [InlineData("""{"name":"vm-1","runner_group_id":1.5}""", "runner_group_id:invalid")]
    [InlineData("""{"name":"vm-1","runner_group_id":9223372036854775808}""", "runner_group_id:invalid")]
    [InlineData("""{"name":"vm-1","labels":[]}""", "labels:invalid")]
    [InlineData("""{"name":"vm-1","labels":"gpu"}""", "labels:invalid")]
    [InlineData("""{"name":"vm-1","labels":["a",1]}""", "labels:invalid")]
    [InlineData("""{"name":"vm-1","labels":["a",""]}""", "labels:invalid")]
    [InlineData("""{"name":"vm-1","work_folder":""}""", "work_folder:invalid")]
    [InlineData("""{"name":"vm-1","work_folder":[]}""", "work_folder:invalid")]
    [InlineData("""{"name":"vm-1","work_folder":"../x"}""", "work_folder:invalid")]
    [InlineData("""{"name":"vm-1","work_folder":"a/../../x"}""", "work_folder:invalid")]
    [InlineData("""{"name":"vm-1","work_folder":"a\\..\\x"}""", "work_folder:invalid")]
    [InlineData(
        """{"name":1,"runner_group_id":0,"labels":1,"work_folder":1}""",
        "name:invalid runner_group_id:invalid labels:invalid work_folder:invalid")]
    public async Task Each_bad_field_is_named(string body, string fields)
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal(fields, (await broker.SendAsync("POST", RunnerApi.Jit, body)).IsFailure(422, "invalid-fields").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData(64, 201)]
    [InlineData(65, 422)]
    public async Task A_name_has_its_bound(int length, int status)
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = new string('a', length), runner_group_id = 1, labels = new[] { "x" } }))
            .Is(status);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("vm-1")]
    [InlineData("""{"name":"vm-1","name":"prod-1"}""")]
    [InlineData("""{"name":"vm-1","n\u0061me":"prod-1"}""")]
    public async Task A_body_that_is_not_a_JSON_object_or_has_duplicate_keys_is_400(string body)
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal("body:invalid", (await broker.SendAsync("POST", RunnerApi.Jit, body)).IsFailure(400, "invalid-request").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData(RunnerApi.Jit, "POST")]
    [InlineData(RunnerApi.Organization + "/1/labels", "PUT")]
    public async Task A_byte_order_mark_is_400_and_named_in_the_error(string path, string method)
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.SendAsync(method, path, "\uFEFF{\"name\":\"r\",\"runner_group_id\":1,\"labels\":[\"x\"]}")).IsFailure(
            400,
            "invalid-request");
        Assert.Equal("body:invalid", answer.Fields);
        Assert.Equal("'body' begins with a byte order mark: send UTF-8 without one.", answer.Detail);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData("?unique_name=nonsense")]
    [InlineData("?unique_name=")]
    [InlineData("?unique_name=1")]
    [InlineData("?unique_name=true&unique_name=true")]
    public async Task Unique_name_is_true_or_false_once(string query)
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = await broker.SendAsync(
            "POST",
            RunnerApi.Jit + query,
            new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } });
        Assert.Equal("unique_name:invalid", answer.IsFailure(400, "invalid-request").Fields);
    }
}
