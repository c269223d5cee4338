using Microsoft.Extensions.DependencyInjection;
using TokenBroker.GitHub;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>One owner's requests do not keep another's from GitHub.</summary>
public sealed class FairnessTests
{
    [Fact]
    public async Task A_listing_loop_starves_no_mint_and_its_excess_is_refused()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        var queue = broker.Services.GetRequiredService<GitHubConnection>().Queue;
        var hang = broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: "orgs/octo-org/actions/runners");
        var loop = Enumerable.Range(0, 1000).Select(_ => ListAsync(broker)).ToList();

        // 15 of 20 turns are for reads, and 200 may wait.
        await Eventually.IsTrueAsync(() => loop.Count(task => task.IsCompleted) == 785, "the rest was refused");
        Assert.Equal((15, 200), (broker.GitHub.Requests.Held, queue.Waiting));
        (await broker.RequestTokenWithoutClockAsync(TokenRequests.OtherOrganization)).IsToken();
        Assert.Equal((15, 200), (broker.GitHub.Requests.Held, queue.Waiting));

        hang.Dispose();
        var answers = await broker.RunAsync(Task.WhenAll(loop));
        Assert.Equal(215, answers.Count(answer => answer.Status == 200));
        Assert.All(
            answers.Where(answer => answer.Status != 200),
            answer => Assert.InRange(answer.IsFailure(503, "overloaded").Wait, 5, 10));
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task Waiting_for_a_turn_is_not_taken_for_a_slow_GitHub()
    {
        await using var broker =
            await TokenRequests.StartBrokerAsync((configuration, _) => configuration["GitHub"]!["MaxConcurrentRequests"] = 1);
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.OtherRepository, "remove")).IsToken();
        var requests = broker.GitHub.Requests.RegistrationTokens;
        using var hang = broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: "hello/actions/runners/registration-token");
        var first = broker.RequestTokenWithoutClockAsync(TokenRequests.Repository);
        await broker.GitHub.Requests.WaitUntilAsync(log => log.Held == 1, TestContext.Current.CancellationToken);
        broker.Advance(5);
        var second = broker.RequestTokenWithoutClockAsync(TokenRequests.OtherRepository);
        var queue = broker.Services.GetRequiredService<GitHubConnection>().Queue;
        await Eventually.IsTrueAsync(() => queue.Waiting == 1, "the second waits");

        // The first attempt's seven seconds are over, and the second caller is served at its turn.
        broker.Advance(2.1);
        (await second).IsToken();
        (await broker.RunAsync(first)).IsFailure(503, "github-unavailable");
        Assert.InRange(broker.GitHub.Requests.RegistrationTokens - requests, 2, 4);
    }

    private static async Task<TokenResponse> ListAsync(TestBroker broker)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, RunnerApi.Organization);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + broker.Issuer.Sign());
        using var response = await broker.Client.SendAsync(request);
        return await TokenResponse.ReadAsync(response);
    }
}
