using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub says no: what the caller is told, and for how long GitHub is not asked again.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(
        SandboxFaultNames.MissingPermission,
        TokenRequests.Organization,
        "missing-permission",
        "'organization_self_hosted_runners: write'",
        "the organization's permission is named")]
    [InlineData(
        SandboxFaultNames.MissingPermission,
        TokenRequests.Repository,
        "missing-permission",
        "'administration: write'",
        "the repository's permission is named")]
    [InlineData(
        SandboxFaultNames.MissingPermission,
        TokenRequests.Enterprise,
        "missing-permission",
        "'manage_runners:enterprise'",
        "the token's scope is named")]
    [InlineData(
        SandboxFaultNames.Suspended,
        TokenRequests.Organization,
        "refused-by-github",
        "This installation has been suspended",
        "GitHub's words")]
    [InlineData(
        SandboxFaultNames.IpAllowList,
        TokenRequests.Organization,
        "refused-by-github",
        "has an IP allow list enabled",
        "GitHub's words")]
    [InlineData(
        SandboxFaultNames.IpAllowList,
        TokenRequests.Enterprise,
        "refused-by-github",
        "has an IP allow list enabled",
        "GitHub's words")]
    [InlineData(
        SandboxFaultNames.RunnersDisabled,
        TokenRequests.Repository,
        "refused-by-github",
        "Repository level self-hosted runners are disabled on this repository.",
        "GitHub's words")]
    public async Task A_refusal_is_403_and_says_why(string fault, string scope, string kind, string detail, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(fault);
        var answer = (await broker.RequestTokenAsync(scope)).IsFailure(403, kind);
        Assert.True(answer.Detail.Contains(detail, StringComparison.Ordinal), why + ": " + answer.Detail);

        var requests = broker.GitHub.Requests.Total;
        broker.Advance(55);
        Assert.Equal(answer.Detail, (await broker.RequestTokenAsync(scope)).IsFailure(403, kind).Detail);
        Assert.Equal(requests, broker.GitHub.Requests.Total);

        broker.GitHub.Faults.Clear();
        broker.Advance(6);
        (await broker.RequestTokenAsync(scope)).IsToken();
    }

    [Theory]
    [InlineData("removed", 404, "not-installed", "the App was removed from the owner")]
    [InlineData("not selected", 404, "not-installed", "the App is installed on other repositories only")]
    [InlineData("renamed", 404, "moved", "the repository has another name")]
    [InlineData("suspended", 403, "refused-by-github", "the owner suspended the App")]
    [InlineData("no permission", 403, "missing-permission", "the owner took the permission away")]
    public async Task What_GitHub_says_of_an_installation_is_remembered_for_a_minute_regardless_of_later_requests(
        string what,
        int status,
        string kind,
        string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        Break(broker.GitHub.Accounts, what);
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(status, kind);
        var requests = broker.GitHub.Requests.Total;

        // The other kind of token meets the same no: told from memory, it must not be remembered a minute more.
        broker.Advance(50);
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsFailure(status, kind);
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(status, kind);
        Assert.True(requests == broker.GitHub.Requests.Total, why);

        Mend(broker.GitHub.Accounts, what);
        broker.Advance(11);
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsToken();
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsToken();
    }

    [Theory]
    [InlineData("removed", 404, "not-installed", "the App was removed from the owner")]
    [InlineData("not selected", 404, "not-installed", "the repository is refused by a 422 when the owner's installation is known")]
    [InlineData("renamed", 404, "moved", "the repository is refused by a 422, and the look-up tells that it moved")]
    [InlineData("suspended", 403, "refused-by-github", "the owner suspended the App")]
    [InlineData("no permission", 403, "missing-permission", "the permission is refused by a 422")]
    public async Task The_same_is_said_where_the_owners_installation_is_known_already(string what, int status, string kind, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsToken();
        Break(broker.GitHub.Accounts, what);
        (await broker.RequestTokenAsync(TokenRequests.Repository)).IsFailure(status, kind);
        Assert.True(broker.GitHub.Requests.RegistrationTokens == 1, why);
        Assert.Equal(2, broker.GitHub.Requests.InstallationLookups);

        // The token that was cached for the other repository serves on.
        Assert.True((await broker.RequestTokenAsync(TokenRequests.OtherRepository)).IsHit);
    }

    [Fact]
    public async Task Not_installed_on_an_owner_says_nothing_of_another_and_is_asked_once()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Accounts.Uninstall("octo-org");
        var answer = (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(404, "not-installed");
        Assert.Contains("'orgs/octo-org'", answer.Detail, StringComparison.Ordinal);
        Assert.Equal((1, 1), (broker.GitHub.Requests.InstallationLookups, broker.GitHub.Requests.Total));
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsToken();
    }

    [Fact]
    public async Task An_unknown_enterprise_is_404_and_remembered_a_minute()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Accounts.RemoveEnterprise("octo-ent");
        var answer = (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsFailure(404, "not-installed");
        Assert.Contains("enterprise token", answer.Detail, StringComparison.Ordinal);
        broker.Advance(55);
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsFailure(404, "not-installed");
        Assert.Equal(1, broker.GitHub.Requests.Total);
        broker.GitHub.Accounts.AddEnterprise("octo-ent");
        broker.Advance(6);
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken();
    }

    private static void Break(SandboxAccounts accounts, string what)
    {
        switch (what)
        {
            case "removed": accounts.Uninstall("octo-org"); break;
            case "not selected": accounts.SelectRepositories("octo-org", "other"); break;
            case "renamed": accounts.RenameRepository("octo-org", "hello", "goodbye"); break;
            case "suspended": accounts.Suspend("octo-org"); break;
            default:
                accounts.SetPermissions("octo-org", new Dictionary<string, string>(StringComparer.Ordinal) { ["metadata"] = "read" });
                break;
        }
    }

    private static void Mend(SandboxAccounts accounts, string what)
    {
        switch (what)
        {
            case "removed": accounts.Install("octo-org"); break;
            case "not selected": accounts.SelectAllRepositories("octo-org"); break;
            case "renamed": accounts.RenameRepository("octo-org", "goodbye", "hello"); break;
            case "suspended": accounts.Unsuspend("octo-org"); break;
            default: accounts.SetPermissions("octo-org", SandboxPermissions.Usual); break;
        }
    }
}
