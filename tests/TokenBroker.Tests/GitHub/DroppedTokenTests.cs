using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>What is cached when GitHub says no goes at once, however long it would have lived.</summary>
public sealed class DroppedTokenTests
{
    [Theory]
    [InlineData(SandboxFaultNames.MissingPermission, null, 403, "missing-permission", "a 403 at the mint")]
    [InlineData(SandboxFaultNames.RunnersDisabled, null, 403, "refused-by-github", "a policy's 403 at the mint")]
    [InlineData(SandboxFaultNames.IpAllowList, null, 403, "refused-by-github", "a 403 everywhere")]
    [InlineData(SandboxFaultNames.Moved, "/actions/runners", 404, "moved", "a redirect at the mint")]
    public async Task Cached_tokens_of_both_kinds_go_when_GitHub_says_no(string fault, string? at, int status, string kind, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Faults.Add(fault, path: at);
        Assert.True((await broker.RequestTokenAsync(TokenRequests.Organization)).IsHit, "GitHub was not asked yet: " + why);

        (await broker.RequestTokenAsync(TokenRequests.Organization, minimumLifetime: 2700)).IsFailure(status, kind);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(status, kind);
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsFailure(status, kind);

        broker.GitHub.Faults.Clear();
        broker.Advance(61);
        Assert.False((await broker.RequestTokenAsync(TokenRequests.Organization)).IsHit);
        Assert.False((await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsHit);
    }

    [Fact]
    public async Task A_refresh_in_the_background_that_meets_a_no_drops_the_tokens_too()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(45 * 60);
        broker.GitHub.Accounts.Uninstall("octo-org");
        Assert.True((await broker.RequestTokenAsync(TokenRequests.Organization)).IsHit);

        // The refresh ends in its own time, and nothing but the next answer tells that it has.
        await broker.RunAsync(UntilRefusedAsync(broker));
    }

    [Fact]
    public async Task Another_scope_of_the_same_owner_keeps_its_tokens()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        var kept = (await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Faults.Add(SandboxFaultNames.RunnersDisabled, path: TokenRequests.Repository);
        (await broker.RequestTokenAsync(TokenRequests.Repository, minimumLifetime: 2700)).IsFailure(403, "refused-by-github");
        Assert.Equal(kept, (await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsToken());
    }

    private static async Task<bool> UntilRefusedAsync(TestBroker broker)
    {
        await Eventually.IsTrueAsync(
            async () => (await broker.RequestTokenWithoutClockAsync(TokenRequests.Organization)).Status != 201,
            "the token was dropped");
        (await broker.RequestTokenWithoutClockAsync(TokenRequests.Organization)).IsFailure(404, "not-installed");
        return true;
    }
}
