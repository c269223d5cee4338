using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Jit;

public sealed class JitAnswerTests
{
    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task Each_request_creates_its_own_runner(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        var path = $"{prefix}/{scope}/actions/runners/generate-jitconfig";
        var configurations = new HashSet<string?>();
        foreach (var name in new[] { "vm-1", "vm-2" })
        {
            var answer = (await broker.SendAsync("POST", path, new
            {
                name,
                runner_group_id = 2,
                labels = new[] { "x" },
                work_folder = "_work",
            })).Is(201);
            Assert.Equal("no-store", answer.Header("Cache-Control"));
            Assert.Equal("application/json; charset=utf-8", answer.Header("Content-Type"));
            Assert.Null(answer.Header("ETag"));
            Assert.Equal(name, answer.Json.GetProperty("runner").GetProperty("name").GetString());
            configurations.Add(answer.Json.GetProperty("encoded_jit_config").GetString());
            Assert.Equal(2, broker.RunnerOf(name, scope).RunnerGroupId);
        }

        Assert.Equal(2, configurations.Count);
        Assert.Equal(2, broker.GitHub.Requests.JitConfigurations);
    }

    [Fact]
    public async Task The_body_is_GitHubs_untouched()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.UnknownFields);
        var answer = (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } })).Is(
            201);
        Assert.True(
            answer.Json.GetProperty("runner").GetProperty("from_the_future").GetProperty("list")[1].GetProperty("deep").GetBoolean());

        // As it was written, not as it was read: the number is beyond what a double holds.
        Assert.Contains("12345678901234567890.123", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_a_configuration_is_logged()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } })).Is(201);
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } })).Is(409);
        broker.GitHub.Faults.Add(SandboxFaultNames.TruncatedJson, times: 1, path: "generate-jitconfig");
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-2", runner_group_id = 1, labels = new[] { "x" } })).Is(503);
        Assert.DoesNotContain("encoded_jit_config", broker.Logs.Text, StringComparison.Ordinal);
        Assert.NotEmpty(broker.GitHub.IssuedSecrets);
        Assert.All(broker.GitHub.IssuedSecrets, secret => Assert.DoesNotContain(secret, broker.Logs.Text, StringComparison.Ordinal));
        Assert.All(broker.Logs.Lines.Select(line => line.Exception).OfType<Exception>(), fault =>
            Assert.All(broker.GitHub.IssuedSecrets, secret => Assert.DoesNotContain(secret, fault.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_unknown_group_is_404_and_costs_no_token()
    {
        await using var broker = await TestBroker.StartAsync(
            RunnerApi.Bound("""{ "Names": [ "*" ], "Labels": [ "*" ], "GroupIds": [ 77 ] }"""));
        for (var time = 0; time < 3; time++)
        {
            var answer = await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", labels = new[] { "x" } });
            Assert.Contains("77", answer.IsFailure(404, "unknown-runner").Detail, StringComparison.Ordinal);
        }

        Assert.Equal(1, broker.GitHub.Requests.InstallationTokens);
        Assert.Equal(3, broker.GitHub.Requests.JitConfigurations);
    }

    [Theory]
    [InlineData(SandboxFaultNames.ReplicationLag)]
    [InlineData(SandboxFaultNames.ReplicationLag403)]
    public async Task A_token_that_GitHub_does_not_know_yet_is_tried_again(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, seconds: 3, path: "generate-jitconfig");
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } })).Is(201);
        Assert.Equal(1, broker.GitHub.Requests.InstallationTokens);
        Assert.InRange(broker.GitHub.Requests.JitConfigurations, 3, 6);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_GitHubs_own_409()
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = await broker.SendAsync(
            "POST",
            RunnerApi.Jit,
            new { name = "octo-org-runner-1", runner_group_id = 1, labels = new[] { "x" } });
        Assert.Equal(
            "Already exists - A runner with the name octo-org-runner-1 already exists.",
            answer.IsFailure(409, "name-taken").Detail);
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
    }
}
