using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Commands.Doctor;

/// <summary>One fault is planted at the App or its installations, and that one is found.</summary>
public sealed class AppTests
{
    [Fact]
    public async Task Good_health_is_reported_and_leaves_nothing_behind()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.AddRepository("octo-two", "tool");
        ((JsonArray)fixture.Policy["Scopes"]!).Add("repos/octo-two/tool");
        fixture.GitHub.EnterpriseTokenExpiresAt = TimeProvider.System.GetUtcNow().AddDays(300);
        var report = await fixture.RunDoctorAsync();

        Assert.True(!report.Problems.Any(), report.Output);
        Assert.Equal(0, report.Code);
        Assert.EndsWith("\nFaults: 0, warnings: 0.\n", report.Output, StringComparison.Ordinal);
        Assert.Contains("ok     GitHub App: Sandbox (sandbox) has client ID Iv23sandbox", report.Results);
        Assert.Contains(report.Results, result => result.StartsWith("ok     octo-org: ", StringComparison.Ordinal)
            && result.EndsWith("works for orgs/octo-org, repos/octo-org/*", StringComparison.Ordinal));
        Assert.Contains(report.Results, result => result.StartsWith("ok     octo-two: ", StringComparison.Ordinal)
            && result.EndsWith("works for repos/octo-two/tool", StringComparison.Ordinal));
        Assert.Contains("ok     enterprises/octo-ent: the enterprise token works for it", report.Results);
        Assert.Contains(
            report.Results,
            result => result.StartsWith("ok     enterprise token: it expires on 20", StringComparison.Ordinal));
        Assert.Contains("ok     clock: agrees with GitHub's", report.Results);
        Assert.Matches("ok     limits: .*the App has 49[0-9]+ of 5000 requests left", report.Output);
        Assert.Matches("ok     issuer 'sandbox': 1 usable key of http", report.Output);
        Assert.Contains("note   Redis: not configured", report.Output, StringComparison.Ordinal);

        foreach (var kind in new[]
        {
            SandboxRequestKind.RegistrationToken,
            SandboxRequestKind.RemoveToken,
            SandboxRequestKind.JitConfiguration,
        })
            Assert.Equal(0, fixture.GitHub.Requests.Count(kind));
    }

    [Fact]
    public async Task A_key_of_another_App()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.UseAppKey(SandboxGitHub.NewAppKey());
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub App: GitHub does not accept the App's key: A JSON web token could not be decoded",
            "client ID is Iv23sandbox",
            "GitHub:App:PrivateKeyPath");
    }

    [Fact]
    public async Task A_client_id_that_GitHub_does_not_know()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings["App"]!["ClientId"] = "Iv23other";
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", "GitHub App: GitHub has no App with client ID Iv23other", "GitHub:App:ClientId");
    }

    [Fact]
    public async Task An_owner_without_the_App()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.Add("octo-three", installed: false);
        ((JsonArray)fixture.Policy["Scopes"]!).Add("orgs/Octo-Three");
        ((JsonArray)fixture.Policy["Scopes"]!).Add("repos/octo-three/x-*");
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "octo-three: the App is not installed there",
            "but orgs/octo-three, repos/octo-three/* is in policy 'sandbox-machines'",
            "https://github.com/apps/sandbox/installations/new");
    }

    [Fact]
    public async Task A_suspended_installation()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.Suspend("octo-org");
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", "octo-org: the App's installation is suspended", "can unsuspend it");
    }

    [Fact]
    public async Task A_permission_that_the_owner_has_not_approved()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.SetPermissions("octo-org", new Dictionary<string, string>
        {
            ["metadata"] = "read",
            ["administration"] = "read",
            ["organization_self_hosted_runners"] = "write",
        });
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "octo-org: the installation lacks 'administration: write', which repos/octo-org/* needs",
            "has approved it");
    }

    [Fact]
    public async Task A_permission_that_the_App_does_not_ask_for()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        var permissions = new Dictionary<string, string> { ["metadata"] = "read", ["administration"] = "write" };
        fixture.GitHub.AppPermissions = permissions;
        fixture.GitHub.Accounts.SetPermissions("octo-org", permissions);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub App: it does not request 'organization_self_hosted_runners: write'",
            "settings page under Permissions");
    }

    [Fact]
    public async Task More_permissions_than_policies_need()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.AppPermissions = new Dictionary<string, string>(SandboxPermissions.Usual) { ["contents"] = "write" };
        fixture.Policy["Scopes"] = new JsonArray("orgs/octo-org", "enterprises/octo-ent");
        fixture.Policy["Operations"] = new JsonArray("read");
        (await fixture.RunDoctorAsync()).IsOnly(
            "warn",
            "more than policies need: administration: write, contents: write, organization_self_hosted_runners: write",
            "settings page");
    }

    [Fact]
    public async Task A_repository_that_is_not_selected()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.AddRepository("octo-org", "secret");
        fixture.GitHub.Accounts.SelectRepositories("octo-org", "hello");
        fixture.Policy["Scopes"] = new JsonArray("orgs/octo-org", "repos/octo-org/hello", "repos/octo-org/secret", "enterprises/octo-ent");
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "repos/octo-org/secret: it does not exist, or the App's installation on 'octo-org' does not include it",
            "policy 'sandbox-machines'",
            "Configure");
    }

    [Fact]
    public async Task A_repository_that_was_renamed()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.RenameRepository("octo-org", "hello", "goodbye");
        fixture.Policy["Scopes"] = new JsonArray("orgs/octo-org", "repos/octo-org/hello", "enterprises/octo-ent");
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", "repos/octo-org/hello: ", "renamed", "new name");
    }

    [Fact]
    public async Task An_organization_that_is_a_person()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Accounts.Add("mona", SandboxAccountType.User);
        ((JsonArray)fixture.Policy["Scopes"]!).Add("orgs/mona");
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", "orgs/mona: this is a personal account", "repos/mona/REPO");
    }

    [Theory]
    [InlineData(SandboxFaultNames.IpAllowList, "IP allow list", "Add the broker's addresses")]
    [InlineData(SandboxFaultNames.RunnersDisabled, "disabled", "Allow self-hosted runners")]
    public async Task GitHub_that_refuses_by_policy(string fault, string message, string advice)
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Faults.Add(fault, path: "orgs/octo-org/actions/runners");
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", "orgs/octo-org: GitHub refuses: ", message, advice);
    }

    [Fact]
    public async Task Scopes_with_placeholders_are_reported_as_such()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.Policy["Scopes"] = new JsonArray("repos/{/repository}", "orgs/octo-*", "enterprises/octo-ent");
        var report = await fixture.RunDoctorAsync();
        Assert.True(!report.Problems.Any(), report.Output);
        Assert.Contains("note   repos/{/repository}: its owner depends on the caller", report.Output, StringComparison.Ordinal);
        Assert.Contains("note   orgs/octo-*: its owner depends on the caller", report.Output, StringComparison.Ordinal);
        Assert.Equal(0, fixture.GitHub.Requests.Count(SandboxRequestKind.InstallationToken));
    }
}
