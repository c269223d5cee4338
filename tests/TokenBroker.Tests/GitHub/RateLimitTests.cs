using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub's rate limits: whom they stop, for how long, and that nobody asks GitHub before they are over.</summary>
public sealed class RateLimitTests
{
    public static TheoryData<string, int?, int, string> Limits => new()
    {
        { SandboxFaultNames.PrimaryLimit, 600, 600, "primary by 403" },
        { SandboxFaultNames.PrimaryLimit429, 600, 600, "primary by 429" },
        { SandboxFaultNames.PrimaryLimitMessage, null, 60, "primary by its message alone" },
        { SandboxFaultNames.SecondaryLimit, 90, 90, "secondary by seconds" },
        { SandboxFaultNames.SecondaryLimitDate, 90, 90, "secondary by date" },
        { SandboxFaultNames.SecondaryLimitMessage, null, 60, "secondary by its message alone" },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_is_503_until_it_is_over_and_GitHub_is_not_asked(string fault, int? seconds, int wait, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(fault, times: 1, path: "orgs/octo-org/actions", seconds: seconds);
        AssertWait((await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "rate-limited-by-github"), wait);
        var requests = broker.GitHub.Requests.Total;

        broker.Advance(wait - 20);
        AssertWait((await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "rate-limited-by-github"), 20);
        Assert.True(requests == broker.GitHub.Requests.Total, why);

        // Another owner's installation has a limit of its own.
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsToken();
        broker.Advance(21);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_is_met_once_also_by_a_token_that_is_seconds_old(string fault, int? seconds, int wait, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(fault, path: "registration-token", seconds: seconds);
        AssertWait((await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "rate-limited-by-github"), wait);
        Assert.True(broker.GitHub.Requests.RegistrationTokens == 1, why);
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_cached_token_serves_to_its_last_minute_while_a_limit_holds(string fault, int? seconds, int wait, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var token = (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(55 * 60);
        broker.GitHub.Faults.Add(fault, seconds: seconds);
        Assert.True(token == (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken(), why);
        broker.Advance(3.9 * 60);
        Assert.True(token == (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken(), why);
        broker.Advance(10);
        Assert.InRange(
            (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "rate-limited-by-github").Wait,
            1,
            (wait * 1.1) + 1);
    }

    [Fact]
    public async Task The_limit_of_the_App_stops_only_what_needs_the_App()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.GitHub.Faults.Add(SandboxFaultNames.PrimaryLimit, path: "/installation", seconds: 600);
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsFailure(503, "rate-limited-by-github");
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken();
    }

    [Fact]
    public async Task The_last_request_that_a_limit_allows_is_served_and_the_next_one_is_not_sent()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.RateLimit = 2;
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Enterprise, "remove")).IsToken();
        broker.Advance(20 * 60);
        Assert.True((await broker.RequestTokenAsync(TokenRequests.Enterprise, minimumLifetime: 2700)).IsHit);
        Assert.Equal(2, broker.GitHub.Requests.Total);
        broker.Advance(41 * 60);
        Assert.False((await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsHit);
        Assert.Equal(3, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task A_request_that_waited_for_its_turn_meanwhile_is_not_sent_either()
    {
        await using var broker =
            await TokenRequests.StartBrokerAsync((configuration, _) => configuration["GitHub"]!["MaxConcurrentRequests"] = 1);
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.OtherRepository, "remove")).IsToken();
        var hang = broker.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");
        broker.GitHub.Faults.Add(SandboxFaultNames.SecondaryLimit, path: "registration-token", seconds: 90);

        var first = broker.RequestTokenWithoutClockAsync(TokenRequests.Repository);
        await broker.GitHub.Requests.WaitUntilAsync(requests => requests.Held == 1, TestContext.Current.CancellationToken);
        var queue = broker.Services.GetRequiredService<TokenBroker.GitHub.GitHubConnection>().Queue;
        var second = broker.RequestTokenWithoutClockAsync(TokenRequests.OtherRepository);

        await Eventually.IsTrueAsync(() => queue.Waiting == 1, "the second request waits for its turn");
        hang.Dispose();
        (await broker.RunAsync(first)).IsFailure(503, "rate-limited-by-github");
        (await broker.RunAsync(second)).IsFailure(503, "rate-limited-by-github");
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);
    }

    [Fact]
    public async Task A_403_without_the_marks_of_a_limit_stops_one_scope_and_not_the_credential()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.RunnersDisabled, path: TokenRequests.Repository + "/actions");
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(403, "refused-by-github");
        (await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsToken();
    }

    // Never less than GitHub's own, but for the part of a second that its reset is rounded down by; a tenth more at most.
    private static void AssertWait(TokenResponse answer, int wait) => Assert.InRange(answer.Wait, wait - 1, (wait * 1.1) + 1);
}
