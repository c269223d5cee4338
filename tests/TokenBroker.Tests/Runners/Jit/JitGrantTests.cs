using System.Net.Http.Json;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Jit;

/// <summary>A just-in-time configuration is a grant of a policy whose block allows all of the runner.</summary>
public sealed class JitGrantTests
{
    private const string Small =
        """{ "Runners": { "Names": [ "vm-*" ], "Labels": [ "small" ] }, "Grants": { "Count": 1, "Within": "01:00:00" } }""";
    private const string Any =
        """{ "Runners": { "Names": [ "vm-*" ], "Labels": [ "*" ] }, "Grants": { "Count": 2, "Within": "01:00:00" } }""";

    [Fact]
    public async Task A_second_runner_is_refused_before_GitHub_is_asked()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Small));
        (await AskAsync(broker, "vm-1", "small")).Is(201);
        var asked = broker.GitHub.Requests.Total;
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
        Assert.Equal(asked, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task A_policy_with_room_must_allow_the_whole_runner()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Small, Any));
        (await AskAsync(broker, "vm-1", "small")).Is(201);

        // Allowed by the second policy alone, as is what follows: the first one's grant is used up.
        (await AskAsync(broker, "vm-2", "small")).Is(201);
        (await AskAsync(broker, "vm-3", "small")).IsUsedUp();
        (await AskAsync(broker, "vm-3", "big")).IsUsedUp();
        (await AskAsync(broker, "prod-1", "small")).IsFailure(403, "runner-not-allowed");
    }

    [Fact]
    public async Task A_policy_with_grants_left_that_forbids_the_runner_does_not_help()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(
            Small, """{ "Runners": { "Names": [ "vm-*" ], "Labels": [ "big" ] }, "Grants": { "Count": 9, "Within": "01:00:00" } }"""));
        (await AskAsync(broker, "vm-1", "big")).Is(201);

        // Policies look at one count: what one has given is not given again by the other.
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
        (await AskAsync(broker, "vm-2", "big")).Is(201);
    }

    [Fact]
    public async Task A_request_that_creates_no_runner_uses_up_no_grant()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With(Small.Replace("[ \"small\" ]", "[ \"small\" ], \"GroupIds\": [ 1, 77 ]", StringComparison.Ordinal)),
            new ManualClock());
        broker.GitHub.Runners.Add("orgs/octo-org", "vm-0");
        (await AskAsync(broker, "vm-0", "small")).IsFailure(409, "name-taken");
        (await AskAsync(broker, "vm-1", "big")).IsFailure(403, "runner-not-allowed");
        (await broker.SendAsync("POST", RunnerApi.Jit, "[]")).IsFailure(400, "invalid-request");
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 77, labels = new[] { "small" } })).IsFailure(
            404,
            "unknown-runner");
        foreach (var (fault, status, kind) in new[]
        {
            (SandboxFaultNames.Unprocessable, 422, "unprocessable"),
            (SandboxFaultNames.SecondaryLimit, 503, "rate-limited-by-github"),
            (SandboxFaultNames.RunnersDisabled, 403, "refused-by-github"),
            (SandboxFaultNames.Moved, 404, "moved"),
        })
        {
            using (broker.GitHub.Faults.Add(fault, path: "generate-jitconfig", seconds: 30))
                (await AskAsync(broker, "vm-1", "small")).IsFailure(status, kind);
            broker.Clock!.Advance(TimeSpan.FromSeconds(61));
        }

        await broker.GitHub.StopAsync();
        (await AskAsync(broker, "vm-1", "small")).IsFailure(503, "github-unavailable");
        await broker.GitHub.RestartAsync();
        (await AskAsync(broker, "vm-1", "small")).Is(201);
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
    }

    [Theory]
    [MemberData(nameof(LostAnswerTests.Losses), MemberType = typeof(LostAnswerTests))]
    public async Task What_may_have_made_a_runner_is_not_given_back(string fault, bool isMade)
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Small), new ManualClock());
        broker.GitHub.Faults.Add(fault, times: 1, path: "generate-jitconfig");
        (await AskAsync(broker, "vm-1", "small")).IsFailure(503, "answer-lost");
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
        Assert.Equal(isMade, broker.GitHub.Runners.List("orgs/octo-org").Any(runner => runner.Name == "vm-1"));
    }

    [Theory]
    [InlineData(SandboxFaultNames.Unprocessable)]
    [InlineData(SandboxFaultNames.RunnersDisabled)]
    public async Task A_refusal_of_the_second_name_says_nothing_about_the_first(string second)
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Small), new ManualClock());
        broker.GitHub.Faults.Add(SandboxFaultNames.Reset, times: 1, path: "generate-jitconfig");
        broker.GitHub.Faults.Add(second, times: 1, path: "generate-jitconfig");
        var answer = (await AskAsync(broker, "vm-1", "small", "?unique_name=true")).IsFailure(503, "answer-lost");
        Assert.Contains("A runner named 'vm-1' may now exist", answer.Detail, StringComparison.Ordinal);
        broker.Clock!.Advance(TimeSpan.FromSeconds(61));
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
    }

    [Fact]
    public async Task Hanging_up_undoes_neither_the_runner_nor_the_grant_and_the_audit_event_names_it()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Small));
        var hold = broker.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "generate-jitconfig");
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, RunnerApi.Jit);
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        request.Content = JsonContent.Create(new { name = "vm-1", labels = new[] { "small" } });
        var asked = broker.Client.SendAsync(request, leaving.Token);
        await broker.GitHub.Requests.WaitUntilAsync(log => log.Held == 1, TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);

        // The broker may not have noticed yet; whichever comes first, the grant is used up.
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
        hold.Dispose();
        await Eventually.IsTrueAsync(() => broker.Audit.Events.Any(IsGone), "the event was written");
        var made = broker.RunnerOf("vm-1");
        var told = broker.Audit.Events.Single(IsGone);
        Assert.Equal((made.Name, made.Id), ((string?)told["runner_name"], (long?)told["runner_id"]));
        Assert.Equal(("failed", 499), ((string?)told["outcome"], (int?)told["status"]));
        Assert.NotNull(told["token_sha256"]);
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();

        static bool IsGone(JsonObject told) => (string?)told["reason"] == "caller-gone";
    }

    [Fact]
    public async Task However_many_names_are_tried_it_is_one_grant()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Any));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, times: 1, path: "generate-jitconfig");
            (await AskAsync(broker, "vm-1", "x", "?unique_name=true")).Is(201);
        }

        Assert.Equal(4, broker.GitHub.Requests.JitConfigurations);
        (await AskAsync(broker, "vm-1", "x", "?unique_name=true")).IsUsedUp();
    }

    private static Task<ApiResponse> AskAsync(TestBroker broker, string name, string label, string query = "") =>
        broker.SendAsync("POST", RunnerApi.Jit + query, new { name, runner_group_id = 1, labels = new[] { label } });
}
