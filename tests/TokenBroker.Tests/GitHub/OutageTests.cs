using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub is slow, failing, unreachable or answers nonsense.</summary>
public sealed class OutageTests
{
    [Theory]
    [InlineData(SandboxFaultNames.ServerError, 2, null, "500 twice")]
    [InlineData(SandboxFaultNames.BadGateway, 2, null, "a burst of bare 502")]
    [InlineData(SandboxFaultNames.BadGateway, 4, null, "a longer burst")]
    [InlineData(SandboxFaultNames.Unavailable, 2, null, "503 without Retry-After")]
    [InlineData(SandboxFaultNames.Reset, 2, null, "cut before an answer")]
    [InlineData(SandboxFaultNames.ResetMidway, 2, null, "cut in the middle of one")]
    [InlineData(SandboxFaultNames.Html, 2, null, "a web page")]
    [InlineData(SandboxFaultNames.TruncatedJson, 2, null, "half a JSON")]
    [InlineData(SandboxFaultNames.Hang, 1, null, "one answer that never comes")]
    [InlineData(SandboxFaultNames.Slow, 1, 5, "one slow answer")]
    public async Task What_passes_is_tried_again_wherever_it_strikes(string fault, int times, int? seconds, string why)
    {
        foreach (var at in new[] { "/installation", "access_tokens", "registration-token" })
        {
            await using var broker = await TokenRequests.StartBrokerAsync();
            broker.GitHub.Faults.Add(fault, times, at, seconds);
            var asked = broker.Clock!.GetUtcNow();
            var answer = await broker.RequestTokenAsync(TokenRequests.Organization);
            Assert.True(answer.Status == 201, $"{why} at {at}: {answer.Text}");
            Assert.InRange(broker.Clock.GetUtcNow() - asked, TimeSpan.Zero, TimeSpan.FromSeconds(15));
            Assert.Equal(3 + (fault == SandboxFaultNames.Slow ? 0 : times), broker.GitHub.Requests.Total);
        }
    }

    [Theory]
    [InlineData(SandboxFaultNames.Hang, null, "no answer ever")]
    [InlineData(SandboxFaultNames.Slow, 30, "an answer too late")]
    [InlineData(SandboxFaultNames.Slow, 6, "each answer slow")]
    public async Task A_caller_is_answered_within_its_patience_however_slow_GitHub_is(string fault, int? seconds, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(fault, seconds: seconds);
        var asked = broker.Clock!.GetUtcNow();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "github-unavailable");
        Assert.True(broker.Clock.GetUtcNow() - asked <= TimeSpan.FromSeconds(15), why);
        Assert.DoesNotContain(broker.Logs.Lines, line => line.Message.Contains("unexpected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fault_of_several_days_is_reported_as_a_minute()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.Unavailable, path: "registration-token", seconds: 86_400);
        Assert.Equal(60, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "github-unavailable").Wait);
    }

    [Fact]
    public async Task A_failure_is_remembered_for_its_key_alone_from_two_seconds_doubling_to_thirty()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.ServerError, path: TokenRequests.Repository + "/actions");
        foreach (var pause in new[] { 2, 4, 8, 16, 30, 30 })
        {
            var requests = broker.GitHub.Requests.RegistrationTokens;
            Assert.Equal(pause, (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(503, "github-unavailable").Wait);
            Assert.Equal(requests + 5, broker.GitHub.Requests.RegistrationTokens);

            broker.Advance(pause - 1);
            Assert.Equal(1, (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(503, "github-unavailable").Wait);
            Assert.Equal(requests + 5, broker.GitHub.Requests.RegistrationTokens);
            broker.Advance(1.1);
        }

        // Nothing opened that would stop another key, and success begins the count anew.
        (await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsToken();
        broker.GitHub.Faults.Clear();
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Faults.Add(SandboxFaultNames.ServerError, path: TokenRequests.Repository + "/actions");
        Assert.True((await broker.RequestTokenAsync(TokenRequests.Repository, minimumLifetime: 2700)).IsHit);
        var asked = broker.GitHub.Requests.RegistrationTokens;
        broker.Advance(2.1);
        Assert.True((await broker.RequestTokenAsync(TokenRequests.Repository, minimumLifetime: 2700)).IsHit);
        Assert.Equal(asked + 5, broker.GitHub.Requests.RegistrationTokens);
    }

    [Fact]
    public async Task An_address_without_a_listener_is_an_outage_that_ends_when_one_appears()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var token = (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        await broker.GitHub.StopAsync();
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsFailure(503, "github-unavailable");
        broker.Advance(55 * 60);
        Assert.Equal(token, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken());

        await broker.GitHub.RestartAsync(TestContext.Current.CancellationToken);
        broker.Advance(31);
        Assert.NotEqual(token, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken());
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsToken();
    }

    [Fact]
    public async Task GitHubs_own_Retry_After_is_passed_on_and_not_tried_against()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.Unavailable, seconds: 20);
        Assert.Equal(20, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "github-unavailable").Wait);
        Assert.Equal(1, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData(SandboxFaultNames.ServerError, 503, "github-unavailable", 5)]
    [InlineData(SandboxFaultNames.SecondaryLimit, 503, "rate-limited-by-github", 1)]
    [InlineData(SandboxFaultNames.NotInstalled, 404, "not-installed", 1)]
    [InlineData(SandboxFaultNames.IpAllowList, 403, "refused-by-github", 1)]
    public async Task Fifty_callers_at_once_get_the_answer_of_one_flight(string fault, int status, string kind, int asked)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var hang = broker.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1);
        broker.GitHub.Faults.Add(fault);
        var waits = broker.Clock!.Waits.Count;
        var callers = Enumerable.Range(0, 50).Select(_ => broker.RequestTokenWithoutClockAsync(TokenRequests.Organization)).ToList();
        await Eventually.IsTrueAsync(() => broker.Clock.Waits.Count >= waits + 50, "all of them wait");
        await broker.GitHub.Requests.WaitUntilAsync(requests => requests.Held == 1, TestContext.Current.CancellationToken);
        hang.Dispose();

        var answers = await broker.RunAsync(Task.WhenAll(callers));
        Assert.All(answers, answer => answer.IsFailure(status, kind));
        Assert.Single(answers.Select(answer => answer.Detail).Distinct(StringComparer.Ordinal));
        Assert.Equal(50, answers.Select(answer => answer.RequestId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(asked, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task No_more_requests_are_at_GitHub_at_once_than_is_configured()
    {
        await using var broker =
            await TokenRequests.StartBrokerAsync((configuration, _) => configuration["GitHub"]!["MaxConcurrentRequests"] = 3);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        var names = Enumerable.Range(0, 12).Select(number => $"bounded-{number}").ToList();
        names.ForEach(name => broker.GitHub.Accounts.AddRepository("octo-org", name));
        broker.GitHub.Requests.Reset();
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: "access_tokens");

        var waits = broker.Clock!.Waits.Count;
        var callers = names.Select(name => broker.RequestTokenWithoutClockAsync($"repos/octo-org/{name}")).ToList();
        await broker.GitHub.Requests.WaitUntilAsync(requests => requests.Held == 3, TestContext.Current.CancellationToken);
        await Eventually.IsTrueAsync(() => broker.Clock.Waits.Count >= waits + (12 * 4), "all twelve have come to the queue");
        Assert.Equal((3, 3), (broker.GitHub.Requests.Total, broker.GitHub.Requests.PeakInFlight));

        broker.GitHub.Faults.Clear();
        Assert.All(await broker.RunAsync(Task.WhenAll(callers)), answer => answer.IsToken());
    }
}
