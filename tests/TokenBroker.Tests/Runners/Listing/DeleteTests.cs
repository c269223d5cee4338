using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Listing;

public sealed class DeleteTests
{
    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task A_runner_that_the_policy_names_is_deleted(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound("""{ "Names": [ "vm-*" ] }"""));
        var runner = broker.GitHub.Runners.Add(scope, "vm-1");
        var answer = (await broker.SendAsync("DELETE", $"{prefix}/{scope}/actions/runners/{runner.Id}")).Is(204);
        Assert.Empty(answer.Bytes);
        Assert.DoesNotContain(broker.GitHub.Runners.List(scope), one => one.Name == "vm-1");
        (await broker.SendAsync("DELETE", $"{prefix}/{scope}/actions/runners/{runner.Id}")).IsFailure(404, "unknown-runner");
    }

    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task Any_other_stays_and_GitHub_is_not_asked_to(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound("""{ "Names": [ "vm-*" ] }"""));
        foreach (var name in new[] { "prod-1", "VM-1", "xvm-1", "vm" })
        {
            var runner = broker.GitHub.Runners.Add(scope, name);
            var answer = await broker.SendAsync("DELETE", $"{prefix}/{scope}/actions/runners/{runner.Id}");
            Assert.Equal("runner_id:forbidden", answer.IsFailure(403, "runner-not-allowed").Fields);
        }

        Assert.Empty(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval));
    }

    [Fact]
    public async Task One_that_works_is_GitHubs_own_422()
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{broker.RunnerOf("octo-org-runner-2").Id}");
        Assert.Equal("Bad request - Runner \"octo-org-runner-2\" is still running a job\"", answer.IsFailure(422, "unprocessable").Detail);
        Assert.NotNull(broker.RunnerOf("octo-org-runner-2"));
    }

    [Theory]
    [InlineData(SandboxFaultNames.ResetAfterEffect)]
    [InlineData(SandboxFaultNames.BadGatewayAfterEffect)]
    public async Task One_whose_answer_was_lost_is_gone_all_the_same(string fault)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        _ = broker.GitHub.WhenItArrivesAsync(1, SandboxRequestKind.RunnerRemoval, () => broker.GitHub.Faults.Add(fault, times: 1));
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}")).Is(204);
        Assert.DoesNotContain(broker.GitHub.Runners.List("orgs/octo-org"), one => one.Name == "vm-1");
        Assert.Equal(2, broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval).Count);
    }

    [Fact]
    public async Task One_that_ends_between_the_look_up_and_the_deletion_is_gone()
    {
        await using var broker = await TestBroker.StartAsync();
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        _ = broker.GitHub.WhenItArrivesAsync(1, SandboxRequestKind.RunnerRemoval, () => broker.GitHub.Runners.Add("orgs/octo-org", "vm-1"));
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}")).Is(204);
        Assert.Equal(404, broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval).Single().Status);

        // One that came meanwhile under the same name is another runner, and stays.
        Assert.NotEqual(runner.Id, broker.RunnerOf("vm-1").Id);
    }

    [Fact]
    public async Task A_look_up_that_describes_no_runner_deletes_none()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var runner = broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        broker.GitHub.Faults.Add(SandboxFaultNames.Html, path: $"/actions/runners/{runner.Id}");
        (await broker.SendAsync("DELETE", $"{RunnerApi.Organization}/{runner.Id}")).IsFailure(503, "github-unavailable");
        Assert.Empty(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval));
    }
}
