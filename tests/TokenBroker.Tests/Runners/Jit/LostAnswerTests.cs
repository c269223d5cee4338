using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Jit;

public sealed class LostAnswerTests
{
    public static TheoryData<string, bool> Losses => new()
    {
        { SandboxFaultNames.ResetAfterEffect, true },
        { SandboxFaultNames.BadGatewayAfterEffect, true },
        { SandboxFaultNames.Reset, false },
        { SandboxFaultNames.ServerError, false },
        { SandboxFaultNames.Unavailable, false },
        { SandboxFaultNames.Hang, false },
        { SandboxFaultNames.TruncatedJson, false },
        { SandboxFaultNames.ResetMidway, false },
        { SandboxFaultNames.Html, false },
        { SandboxFaultNames.NoToken, true },
        { SandboxFaultNames.EmptyToken, true },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_lost_answer_is_reported_and_not_requested_again(string fault, bool isMade)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, path: "generate-jitconfig");
        var answer = (await AskAsync(broker, "?unique_name=false")).IsFailure(503, "answer-lost");
        Assert.Contains("A runner named 'vm-1' may now exist: the name may be taken.", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
        Assert.Empty(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval));
        Assert.Equal(isMade, broker.GitHub.Runners.List("orgs/octo-org").Any(runner => runner.Name == "vm-1"));
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_unique_name_is_tried_once_more_under_a_new_suffix(string fault, bool isMade)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, times: 1, path: "generate-jitconfig");
        var answer = (await AskAsync(broker, "?unique_name=true")).Is(201);
        Assert.Matches("\\Avm-1-[a-z2-9]{6}\\z", answer.Json.GetProperty("runner").GetProperty("name").GetString());
        Assert.Equal(2, broker.GitHub.Requests.JitConfigurations);

        // It may be another's by now, so it stays; GitHub takes a runner that never came away by itself.
        Assert.Empty(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval));
        Assert.Equal(isMade, broker.GitHub.Runners.List("orgs/octo-org").Any(runner => runner.Name == "vm-1"));
    }

    [Fact]
    public async Task It_is_tried_once_more_and_both_names_are_reported()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, path: "generate-jitconfig");
        var answer = (await AskAsync(broker, "?unique_name=true")).IsFailure(503, "answer-lost");
        Assert.Matches("A runner named 'vm-1' or 'vm-1-[a-z2-9]{6}' may now exist", answer.Detail);
        Assert.Equal(2, broker.GitHub.Requests.JitConfigurations);
    }

    [Fact]
    public async Task What_ends_the_second_try_does_not_hide_that_the_first_was_lost()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, times: 1, path: "generate-jitconfig");

        // A limit is met before the effect, so this one strikes the second try; the first is struck after its own.
        _ = broker.GitHub.WhenItArrivesAsync(
            2,
            SandboxRequestKind.JitConfiguration,
            () => broker.GitHub.Faults.Add(SandboxFaultNames.SecondaryLimit, seconds: 30));
        var answer = (await AskAsync(broker, "?unique_name=true")).IsFailure(503, "answer-lost");
        Assert.Contains("A runner named 'vm-1' may now exist", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(2, broker.GitHub.Requests.JitConfigurations);
    }

    [Fact]
    public async Task A_name_that_the_policy_allows_with_no_suffix_is_not_tried_again()
    {
        await using var broker = await TestBroker.StartAsync(
            RunnerApi.Bound("""{ "Names": [ "vm-1" ], "Labels": [ "x" ] }"""),
            new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, times: 1, path: "generate-jitconfig");
        (await AskAsync(broker, "?unique_name=true")).IsFailure(503, "answer-lost");
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?unique_name=true")]
    public async Task A_request_that_was_never_sent_is_repeated(string query)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        (await AskAsync(broker, query, "vm-0")).Is(201);
        await broker.GitHub.StopAsync();
        (await AskAsync(broker, query)).IsFailure(503, "github-unavailable");
        Assert.Equal(
            5,
            broker.Logs.Lines.Count(line => line.Message.StartsWith("GitHub cannot be reached for jitconfig", StringComparison.Ordinal)));

        await broker.GitHub.RestartAsync();
        (await AskAsync(broker, query)).Is(201);
    }

    [Fact]
    public async Task A_limit_is_reported_as_a_limit()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.SecondaryLimit, path: "generate-jitconfig", seconds: 30);
        (await AskAsync(broker, "?unique_name=true")).IsFailure(503, "rate-limited-by-github");
        (await AskAsync(broker, "?unique_name=true")).IsFailure(503, "rate-limited-by-github");
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
    }

    private static Task<ApiResponse> AskAsync(TestBroker broker, string query, string name = "vm-1") =>
        broker.SendAsync("POST", RunnerApi.Jit + query, new { name, runner_group_id = 1, labels = new[] { "x" } });
}
