using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub refuses an installation token: because it is too new, or because it was withdrawn.</summary>
public sealed class FreshTokenTests
{
    [Theory]
    [InlineData(SandboxFaultNames.ReplicationLag, 3, 201, null, "401 for 3 s")]
    [InlineData(SandboxFaultNames.ReplicationLag403, 3, 201, null, "403 for 3 s")]
    [InlineData(SandboxFaultNames.ReplicationLag, 60, 403, "refused-by-github", "401 beyond the window")]
    [InlineData(SandboxFaultNames.ReplicationLag403, 60, 403, "missing-permission", "403 beyond the window")]
    public async Task A_fresh_token_that_is_refused_is_tried_again_for_five_seconds(
        string fault,
        int lag,
        int status,
        string? kind,
        string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(fault, seconds: lag);
        var asked = broker.Clock!.GetUtcNow();
        var answer = await broker.RequestTokenAsync(TokenRequests.Organization);
        Assert.True((status, kind) == (answer.Status, answer.Kind), $"{why}: {answer.Text}");

        // It is the same token each time, and some seconds, not more.
        Assert.Equal(1, broker.GitHub.Requests.InstallationTokens);
        Assert.InRange(broker.GitHub.Requests.RegistrationTokens, 3, 7);
        Assert.InRange((broker.Clock.GetUtcNow() - asked).TotalSeconds, 3, 8);
    }

    [Theory]
    [InlineData("installed anew", 201, null, 2, 2, "the new installation has another id")]
    [InlineData("removed", 404, "not-installed", 1, 2, "a new look-up tells that it is gone")]
    [InlineData("suspended", 403, "refused-by-github", 1, 2, "a new look-up tells that it is suspended")]
    public async Task A_token_that_has_served_and_is_refused_is_replaced_once(
        string what,
        int status,
        string? kind,
        int tokens,
        int lookUps,
        string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(20 * 60);
        if (what == "suspended")
            broker.GitHub.Accounts.Suspend("octo-org");
        else
            broker.GitHub.Accounts.Uninstall("octo-org");
        if (what == "installed anew")
            broker.GitHub.Accounts.Install("octo-org");

        var answer = await broker.RequestTokenAsync(TokenRequests.Organization, "remove");
        Assert.True((status, kind) == (answer.Status, answer.Kind), $"{why}: {answer.Text}");
        Assert.Equal((tokens, lookUps), (broker.GitHub.Requests.InstallationTokens, broker.GitHub.Requests.InstallationLookups));
        Assert.Equal(status == 201 ? 2 : 1, broker.GitHub.Requests.RemoveTokens);
    }

    [Fact]
    public async Task The_replacement_is_fresh_and_has_its_seconds_too()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Accounts.Install("octo-org");
        broker.GitHub.Faults.Add(SandboxFaultNames.ReplicationLag, seconds: 3);
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsToken();
        Assert.Equal(2, broker.GitHub.Requests.InstallationTokens);
    }

    [Fact]
    public async Task An_installation_token_is_shared_by_both_kinds_and_renewed_before_it_ends()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsToken();
        Assert.Equal((1, 1), (broker.GitHub.Requests.InstallationLookups, broker.GitHub.Requests.InstallationTokens));
        broker.Advance(59.5 * 60);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        Assert.Equal(2, broker.GitHub.Requests.InstallationTokens);
        Assert.DoesNotContain(broker.GitHub.Requests.Recent, request => request.Status == 401);
    }
}
