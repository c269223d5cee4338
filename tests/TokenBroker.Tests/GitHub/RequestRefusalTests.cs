using System.Net.Http.Json;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>Whom GitHub's 403 is said of, and how often GitHub is asked for it.</summary>
public sealed class RequestRefusalTests
{
    [Fact]
    public async Task One_requests_403_is_its_own_and_asked_once()
    {
        var (github, broker) = await RecordingGitHub.StartAsync(clock: new ManualClock());
        await using (github)
        await using (broker)
        {
            github.Answers["/runners/1"] = (403, """{"message":"Not this one."}""");
            Assert.Equal(
                "Not this one.",
                (await broker.GetAsync(RunnerApi.Organization + "/1")).IsFailure(403, "refused-by-github").Detail);
            Assert.Single(github.Requests, request => request.Path.EndsWith("/runners/1", StringComparison.Ordinal));
            (await broker.GetAsync(PathOf(broker, "octo-org-runner-2"))).Is(200);
            (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        }
    }

    [Theory]
    [InlineData("Resource protected by organization SAML enforcement. You must grant your token access to this organization.")]
    [InlineData(
        "Although you appear to have the correct authorization credentials, the `octo-org` organization has an IP allow list enabled.")]
    [InlineData("Self-hosted runners are disabled in this organization.")]
    [InlineData("You must have admin rights to the organization.")]
    public async Task A_403_of_the_scope_is_asked_once_and_shared_by_all_callers(string message)
    {
        var (github, broker) = await RecordingGitHub.StartAsync(clock: new ManualClock());
        await using (github)
        await using (broker)
        {
            github.Answers["/runners/1"] = (403, $$"""{"message":"{{message}}"}""");
            (await broker.GetAsync(RunnerApi.Organization + "/1")).IsFailure(403, "refused-by-github");
            Assert.Single(github.Requests, request => request.Path.Contains("/runners", StringComparison.Ordinal));
            Assert.Equal(message, (await broker.GetAsync(RunnerApi.Organization)).IsFailure(403, "refused-by-github").Detail);
            Assert.Single(github.Requests, request => request.Path.Contains("/runners", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Words_in_the_body_do_not_count_as_the_scopes()
    {
        var (github, broker) = await RecordingGitHub.StartAsync(clock: new ManualClock());
        await using (github)
        await using (broker)
        {
            github.Answers["/labels"] = (403, """{"message":"Label 'suspended' cannot be used."}""");
            (await broker.SendAsync("POST", PathOf(
                broker,
                "octo-org-runner-1") + "/labels", new { labels = new[] { "Suspended" } })).IsFailure(403, "refused-by-github");
            (await broker.SendAsync("DELETE", PathOf(broker, "octo-org-runner-1"), body: null)).Is(204);
        }
    }

    [Fact]
    public async Task A_lasting_403_is_not_taken_for_a_new_tokens_each_minute()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using var fault = broker.GitHub.Faults.Add(SandboxFaultNames.MissingPermission, path: "/actions/runners");
        (await broker.GetAsync(RunnerApi.Organization)).IsFailure(403, "missing-permission");
        for (var minute = 0; minute < 3; minute++)
        {
            broker.Clock!.Advance(TimeSpan.FromSeconds(61));
            var asked = broker.GitHub.Requests.Count(SandboxRequestKind.RunnerList);
            (await broker.GetAsync(RunnerApi.Organization)).IsFailure(403, "missing-permission");

            // With the token that there was, and with a new one.
            Assert.Equal(2, broker.GitHub.Requests.Count(SandboxRequestKind.RunnerList) - asked);
        }
    }

    [Theory]
    [InlineData(SandboxFaultNames.ReplicationLag, false)]
    [InlineData(SandboxFaultNames.ReplicationLag403, false)]
    [InlineData(SandboxFaultNames.ReplicationLag, true)]
    public async Task Of_many_with_a_token_that_is_too_new_one_tries_again(string fault, bool makesRunners)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        broker.GitHub.Faults.Add(fault, seconds: 3);
        var answers = await broker.RunAsync(
            Task.WhenAll(Enumerable.Range(0, 20).Select(number => SendAsync(broker, makesRunners, number))));
        Assert.All(answers, status => Assert.Equal(makesRunners ? 201 : 200, status));

        // Each once in vain, one a few times more, and each once more.
        Assert.InRange(
            broker.GitHub.Requests.Count(SandboxRequestKind.RunnerList) + broker.GitHub.Requests.JitConfigurations,
            24,
            20 + 6 + 20);
        Assert.Equal(1, broker.GitHub.Requests.InstallationTokens);
    }

    [Fact]
    public async Task Of_many_with_a_token_that_is_refused_for_good_one_tries_again()
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        using var fault = broker.GitHub.Faults.Add(SandboxFaultNames.MissingPermission, path: "/actions/runners");
        var answers = await broker.RunAsync(
            Task.WhenAll(Enumerable.Range(0, 20).Select(number => SendAsync(broker, makesRunners: false, number))));
        Assert.All(answers, status => Assert.Equal(403, status));
        Assert.InRange(broker.GitHub.Requests.Count(SandboxRequestKind.RunnerList), 6, 20 + 6);
    }

    private static string PathOf(TestBroker broker, string runner) =>
        FormattableString.Invariant($"{RunnerApi.Organization}/{broker.RunnerOf(runner).Id}");

    private static async Task<int> SendAsync(TestBroker broker, bool makesRunners, int number)
    {
        using var request = new HttpRequestMessage(
            makesRunners ? HttpMethod.Post : HttpMethod.Get,
            makesRunners ? RunnerApi.Jit : RunnerApi.Organization);
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        if (makesRunners)
            request.Content = JsonContent.Create(
                new { name = FormattableString.Invariant($"vm-{number}"), runner_group_id = 1, labels = new[] { "x" } });
        using var response = await broker.Client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
