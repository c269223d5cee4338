using TokenBroker.Sandbox.GitHub;
using TokenBroker.Tests.Testing;

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
        await using var broker = await Upstream.StartAsync();
        (await broker.AskAsync(Upstream.Organization)).IsToken();
        (await broker.AskAsync(Upstream.Organization, "remove")).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Faults.Add(fault, path: at);
        Assert.True((await broker.AskAsync(Upstream.Organization)).IsHit, "GitHub was not asked yet: " + why);

        (await broker.AskAsync(Upstream.Organization, minimumLifetime: 2700)).IsFailure(status, kind);
        (await broker.AskAsync(Upstream.Organization)).IsFailure(status, kind);
        (await broker.AskAsync(Upstream.Organization, "remove")).IsFailure(status, kind);

        broker.GitHub.Faults.Clear();
        broker.Advance(61);
        Assert.False((await broker.AskAsync(Upstream.Organization)).IsHit);
        Assert.False((await broker.AskAsync(Upstream.Organization, "remove")).IsHit);
    }

    [Fact]
    public async Task A_refresh_in_the_background_that_meets_a_no_drops_the_tokens_too()
    {
        await using var broker = await Upstream.StartAsync();
        (await broker.AskAsync(Upstream.Organization)).IsToken();
        broker.Advance(45 * 60);
        broker.GitHub.Accounts.Uninstall("octo-org");
        Assert.True((await broker.AskAsync(Upstream.Organization)).IsHit);

        // The refresh ends in its own time, and nothing but the next answer tells that it has.
        await broker.RunAsync(UntilRefusedAsync(broker));
    }

    [Fact]
    public async Task Another_scope_of_the_same_owner_keeps_its_tokens()
    {
        await using var broker = await Upstream.StartAsync();
        (await broker.AskAsync(Upstream.Repository)).IsToken();
        var kept = (await broker.AskAsync(Upstream.OtherRepository)).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Faults.Add(SandboxFaultNames.RunnersDisabled, path: Upstream.Repository);
        (await broker.AskAsync(Upstream.Repository, minimumLifetime: 2700)).IsFailure(403, "refused-by-github");
        Assert.Equal(kept, (await broker.AskAsync(Upstream.OtherRepository)).IsToken());
    }

    private static async Task<bool> UntilRefusedAsync(TestBroker broker)
    {
        await Eventually.IsTrueAsync(async () => (await broker.AskWithoutClockAsync(Upstream.Organization)).Status != 201, "the token was dropped");
        (await broker.AskWithoutClockAsync(Upstream.Organization)).IsFailure(404, "not-installed");
        return true;
    }
}
