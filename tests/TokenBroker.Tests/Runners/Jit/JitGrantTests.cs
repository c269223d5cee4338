using TokenBroker.Sandbox.GitHub;
using TokenBroker.Tests.Authorization.Grants;
using TokenBroker.Tests.Testing;

namespace TokenBroker.Tests.Runners.Jit;

/// <summary>A just-in-time configuration is a grant of a policy whose block allows all of the runner.</summary>
public sealed class JitGrantTests
{
    private const string Small = """{ "Runners": { "Names": [ "vm-*" ], "Labels": [ "small" ] }, "Grants": { "Count": 1, "Within": "01:00:00" } }""";
    private const string Any = """{ "Runners": { "Names": [ "vm-*" ], "Labels": [ "*" ] }, "Grants": { "Count": 2, "Within": "01:00:00" } }""";

    [Fact]
    public async Task A_second_runner_is_refused_before_GitHub_is_asked()
    {
        await using var broker = await TestBroker.StartAsync(Granting.With(Small));
        (await AskAsync(broker, "vm-1", "small")).Is(201);
        var asked = broker.GitHub.Requests.Total;
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
        Assert.Equal(asked, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task A_policy_with_room_must_allow_the_whole_runner()
    {
        await using var broker = await TestBroker.StartAsync(Granting.With(Small, Any));
        (await AskAsync(broker, "vm-1", "small")).Is(201);

        // Allowed by the second policy alone, as is what follows: the first one's grant is used up.
        (await AskAsync(broker, "vm-2", "small")).Is(201);
        (await AskAsync(broker, "vm-3", "small")).IsUsedUp();
        (await AskAsync(broker, "vm-3", "big")).IsUsedUp();
        (await AskAsync(broker, "prod-1", "small")).IsFailure(403, "runner-not-allowed");
    }

    [Fact]
    public async Task A_policy_with_room_that_does_not_allow_the_runner_is_no_help()
    {
        await using var broker = await TestBroker.StartAsync(Granting.With(
            Small, """{ "Runners": { "Names": [ "vm-*" ], "Labels": [ "big" ] }, "Grants": { "Count": 9, "Within": "01:00:00" } }"""));
        (await AskAsync(broker, "vm-1", "big")).Is(201);

        // Policies look at one count: what one has given is not given again by the other.
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
        (await AskAsync(broker, "vm-2", "big")).Is(201);
    }

    [Fact]
    public async Task What_does_not_make_a_runner_uses_nothing_up()
    {
        await using var broker = await TestBroker.StartAsync(Granting.With(Small), new ManualClock());
        broker.GitHub.Runners.Add("orgs/octo-org", "vm-0");
        (await AskAsync(broker, "vm-0", "small")).IsFailure(409, "name-taken");
        (await AskAsync(broker, "vm-1", "big")).IsFailure(403, "runner-not-allowed");
        (await broker.AskAsync("POST", RunnerApi.Jit, "[]")).IsFailure(400, "invalid-request");
        broker.GitHub.Faults.Add(SandboxFaultNames.Reset, times: 1, path: "generate-jitconfig");
        (await AskAsync(broker, "vm-1", "small")).IsFailure(503, "answer-lost");
        (await AskAsync(broker, "vm-1", "small")).Is(201);
        (await AskAsync(broker, "vm-2", "small")).IsUsedUp();
    }

    [Fact]
    public async Task However_many_names_are_tried_it_is_one_grant()
    {
        await using var broker = await TestBroker.StartAsync(Granting.With(Any));
        foreach (var _ in Enumerable.Range(0, 2))
        {
            broker.GitHub.Faults.Add(SandboxFaultNames.ResetAfterEffect, times: 1, path: "generate-jitconfig");
            (await AskAsync(broker, "vm-1", "x", "?unique_name=true")).Is(201);
        }

        Assert.Equal(4, broker.GitHub.Requests.JitConfigurations);
        (await AskAsync(broker, "vm-1", "x", "?unique_name=true")).IsUsedUp();
    }

    private static Task<ApiAnswer> AskAsync(TestBroker broker, string name, string label, string query = "") =>
        broker.AskAsync("POST", RunnerApi.Jit + query, new { name, runner_group_id = 1, labels = new[] { label } });
}
