using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub swallows what it is asked, as behind a firewall that drops packets: told as an outage of GitHub's, and once.</summary>
public sealed class SilenceTests
{
    private const string NoAnswer = "GitHub did not respond in time.";

    [Theory]
    [InlineData("/installation", "installation")]
    [InlineData("/access_tokens", "installation-token")]
    [InlineData("/registration-token", "registration-token")]
    public async Task A_GitHub_that_hangs_is_reported_to_callers_in_the_log_and_by_readyz(string at, string call)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: at);
        for (var asked = 0; asked < 4; asked++)
        {
            Assert.Equal(
                NoAnswer,
                (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "github-unavailable").Detail);
            Assert.Equal(("degraded", NoAnswer), await StrangerTests.ReadinessAsync(broker));
        }

        var told = Assert.Single(broker.Logs.Lines, line => line.Message.StartsWith("GitHub cannot be reached", StringComparison.Ordinal));
        Assert.Equal((LogLevel.Warning, $"GitHub cannot be reached for {call}: no answer in time"), (told.Level, told.Message));
        Assert.DoesNotContain(broker.Logs.Lines, line => line.Level >= LogLevel.Error);

        broker.GitHub.Faults.Clear();
        broker.Advance(31);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        Assert.Equal(("ok", "no known problems"), await StrangerTests.ReadinessAsync(broker));
    }

    [Fact]
    public async Task A_caller_that_joins_a_look_up_late_learns_that_GitHub_gave_no_answer()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.Hang, path: "/installation");
        var first = broker.RequestTokenWithoutClockAsync(TokenRequests.Organization);
        await broker.GitHub.Requests.WaitUntilAsync(requests => requests.Held == 1, TestContext.Current.CancellationToken);

        // Its own mint begins later than the look-up that it waits for.
        broker.Advance(3);
        var second = broker.RequestTokenWithoutClockAsync(TokenRequests.Organization, "remove");
        await Eventually.IsTrueAsync(() => broker.Clock!.Waits.Contains(TimeSpan.FromSeconds(14.5)), "the second mint began");
        Assert.Equal(NoAnswer, (await broker.RunAsync(first)).IsFailure(503, "github-unavailable").Detail);
        Assert.Equal(NoAnswer, (await broker.RunAsync(second)).IsFailure(503, "github-unavailable").Detail);
        Assert.DoesNotContain(broker.Logs.Lines, line => line.Level >= LogLevel.Error);
    }
}
