using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Commands.Doctor;

/// <summary>One fault is planted at GitHub itself, the enterprise token, the clock or the limits, and that one is found.</summary>
public sealed class GitHubTests
{
    [Fact]
    public async Task A_clock_that_is_ten_minutes_slow()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.ClockOffset = TimeSpan.FromMinutes(10);
        (await fixture.RunDoctorAsync()).IsOnly("warn", "clock: this machine's is ", " s behind GitHub's", "NTP");
    }

    [Fact]
    public async Task A_clock_that_is_ten_minutes_fast()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.ClockOffset = TimeSpan.FromMinutes(-10);
        (await fixture.RunDoctorAsync()).IsOnly("warn", "clock: this machine's is ", " s ahead of GitHub's", "NTP");
    }

    [Fact]
    public async Task A_limit_that_is_nearly_used_up()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings.Remove("EnterpriseTokenPath");
        fixture.Policy["Scopes"] = new JsonArray("repos/octo-org/*", "orgs/octo-*");
        fixture.GitHub.RateLimitUsed = 4600;
        (await fixture.RunDoctorAsync()).IsOnly(
            "warn",
            "limits: the App has 39",
            " of 5000 requests left until ",
            "(core)",
            "who else uses this credential");
    }

    [Fact]
    public async Task A_limit_that_is_used_up()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Faults.Add(SandboxFaultNames.PrimaryLimit, path: "/app", seconds: 600);
        var report = await fixture.RunDoctorAsync();
        Assert.Equal(1, report.Code);
        Assert.Collection(
            report.Problems,
            result => Assert.StartsWith(
                "FAULT  GitHub: GitHub's rate limit for this credential is used up -> Try again in 10 min.",
                result,
                StringComparison.Ordinal),
            result => Assert.StartsWith("warn   limits: the App has 0 of 5000 requests left until ", result, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_enterprise_token_that_was_revoked()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.EnterpriseToken = "ghp_another";
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "enterprise token: GitHub does not accept it: Bad credentials",
            "GitHub:EnterpriseTokenPath");
    }

    [Fact]
    public async Task An_enterprise_token_without_its_scope()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.EnterpriseTokenScopes = ["repo", "read:org"];
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "enterprise token: it lacks the scope manage_runners:enterprise; it has repo, read:org",
            "Tokens (classic)");
    }

    [Fact]
    public async Task An_enterprise_token_that_may_do_more()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.EnterpriseTokenScopes = ["repo", "admin:enterprise", "manage_runners:enterprise"];
        (await fixture.RunDoctorAsync()).IsOnly(
            "warn",
            "enterprise token: it has more scopes than the broker needs: repo, admin:enterprise",
            "manage_runners:enterprise alone");
    }

    [Fact]
    public async Task An_enterprise_token_about_to_end()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.EnterpriseTokenExpiresAt = TimeProvider.System.GetUtcNow().AddDays(3);
        (await fixture.RunDoctorAsync()).IsOnly("warn", "enterprise token: it expires soon, on 20", " UTC", "without a restart");
    }

    [Fact]
    public async Task An_enterprise_that_GitHub_does_not_know()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        ((JsonArray)fixture.Policy["Scopes"]!).Add("enterprises/other");
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", "enterprises/other: the enterprise does not exist", "policy 'sandbox-machines'");
    }

    [Fact]
    public async Task Enterprises_in_policies_and_no_token()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings.Remove("EnterpriseTokenPath");
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "enterprise token: policies name enterprises, but no token for them is configured",
            "GitHub:EnterpriseTokenPath");
    }

    [Fact]
    public async Task An_enterprise_token_for_nothing()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.Policy["Scopes"] = new JsonArray("orgs/octo-org", "repos/octo-org/*");
        (await fixture.RunDoctorAsync()).IsOnly("warn", "enterprise token: no policy names an enterprise", "from the configuration");
    }

    [Fact]
    public async Task Organizations_in_policies_and_no_App()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings.Remove("App");
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub App: policies name repositories or organizations, but no App is configured",
            "GitHub:App:ClientId");
    }

    [Fact]
    public async Task An_address_without_an_API_below_it()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings["ApiUrl"] = new Uri(fixture.GitHub.Address, "/wrong").ToString();
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub: http://127.0.0.1",
            "/wrong answers 404, where GitHub's API would describe the App",
            "GitHub:ApiUrl");
    }

    [Fact]
    public async Task An_address_where_a_web_page_is()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Faults.Add(SandboxFaultNames.Html);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub: http://127.0.0.1",
            "GitHub's response was not JSON",
            "GitHub:ApiUrl");
    }

    [Fact]
    public async Task An_address_where_something_else_answers()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings["ApiUrl"] = fixture.Issuer.Address.GetLeftPart(UriPartial.Authority);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub: http://127.0.0.1",
            "The server that responded is not GitHub's API.",
            "https://HOST/api/v3 for GitHub Enterprise Server");
    }

    [Fact]
    public async Task An_address_where_no_TLS_is_spoken()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHubSettings["ApiUrl"] = fixture.GitHub.Address.GetLeftPart(UriPartial.Authority).Replace(
            "http:",
            "https:",
            StringComparison.Ordinal);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub: https://127.0.0.1",
            "cannot be reached: no TLS connection (",
            "Check whether that port speaks TLS");
    }

    [Fact]
    public async Task An_address_that_leads_to_a_log_in()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var front = builder.Build();
        front.Run(context =>
        {
            context.Response.Redirect("/login");
            return Task.CompletedTask;
        });
        await front.StartAsync();
        fixture.GitHubSettings["ApiUrl"] = front.Urls.Single();
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub: http://127.0.0.1",
            "The server that responded is not GitHub's API.",
            "https://HOST/api/v3 for GitHub Enterprise Server");
    }

    [Fact]
    public async Task An_address_without_a_server()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        await fixture.GitHub.StopAsync();
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "GitHub: http://127.0.0.1",
            "cannot be reached: no connection (Connection refused",
            "firewall");
    }

    [Fact]
    public async Task A_GitHub_that_hangs_is_left_when_the_time_is_over()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.GitHub.Faults.Add(SandboxFaultNames.Hang);
        (await fixture.RunDoctorAsync("--timeout", "2")).IsOnly("FAULT", "GitHub: not all checks finished within 2 s", "--timeout");
    }
}
