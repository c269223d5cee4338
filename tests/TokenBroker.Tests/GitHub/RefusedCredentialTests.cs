using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>
/// GitHub does not accept the broker itself: repeated bad credentials make it refuse good ones too, so it is asked rarely.
/// </summary>
public sealed class RefusedCredentialTests
{
    [Fact]
    public async Task The_App_is_tried_twice_and_then_once_a_minute_for_all_its_scopes()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.UseAppKey(SandboxGitHub.NewAppKey());
        var answer = (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "credential-refused");
        Assert.InRange(answer.Wait, 58, 60);
        Assert.Equal((2, 2), (broker.GitHub.Requests.InstallationLookups, broker.GitHub.Requests.Total));

        broker.Advance(50);
        Assert.InRange((await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "credential-refused").Wait, 8, 10);
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsFailure(503, "credential-refused");
        (await broker.RequestTokenAsync(TokenRequests.Repository, "remove")).IsFailure(503, "credential-refused");
        Assert.Equal(2, broker.GitHub.Requests.Total);

        broker.Advance(11);
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsFailure(503, "credential-refused");
        Assert.Equal(4, broker.GitHub.Requests.Total);

        // It passes without a restart and without a new key.
        broker.GitHub.UseAppKey(await File.ReadAllTextAsync(broker.AppKeyPath));
        broker.Advance(61);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
    }

    [Fact]
    public async Task A_new_bad_key_is_tried_too_and_a_new_good_one_serves_at_once()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var good = SandboxGitHub.NewAppKey();
        broker.GitHub.UseAppKey(good);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "credential-refused");

        await ReplaceKeyAsync(broker, SandboxGitHub.NewAppKey(), times: 1);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsFailure(503, "credential-refused");
        Assert.Equal(4, broker.GitHub.Requests.Total);

        await ReplaceKeyAsync(broker, good, times: 2);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
    }

    [Fact]
    public async Task The_enterprise_token_is_tried_once_a_minute_and_the_App_works_on()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var fault = broker.GitHub.Faults.Add(SandboxFaultNames.EnterpriseTokenRefused);
        Assert.InRange((await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsFailure(503, "credential-refused").Wait, 58, 60);
        (await broker.RequestTokenAsync(TokenRequests.Enterprise, "remove")).IsFailure(503, "credential-refused");
        Assert.Equal(1, broker.GitHub.Requests.Total);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();

        fault.Dispose();
        broker.Advance(61);
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken();
    }

    [Fact]
    public async Task A_cached_token_serves_on_while_the_credential_is_refused()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var token = (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken();
        broker.Advance(58 * 60);
        broker.GitHub.Faults.Add(SandboxFaultNames.EnterpriseTokenRefused);
        Assert.Equal(token, (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsToken());
        broker.Advance(61);
        (await broker.RequestTokenAsync(TokenRequests.Enterprise)).IsFailure(503, "credential-refused");
    }

    [Fact]
    public async Task An_installation_token_serves_to_its_last_minute_while_the_App_is_refused()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(58 * 60);
        broker.GitHub.Faults.Add(SandboxFaultNames.AppRefused);
        var served = await broker.RequestTokenAsync(TokenRequests.Organization);
        served.IsToken();
        Assert.False(served.IsHit);
        Assert.Single(broker.GitHub.InstallationTokens);
        broker.Advance(61);
        (await broker.RequestTokenAsync(TokenRequests.Organization, "remove")).IsFailure(503, "credential-refused");
    }

    [Theory]
    [InlineData(600, "GitHub is ahead: our JWT has expired there")]
    [InlineData(-600, "GitHub is behind: our JWT lives too long there")]
    public async Task A_clock_that_is_off_costs_one_refusal_and_is_right_from_then_on(int seconds, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.ClockOffset = TimeSpan.FromSeconds(seconds);
        (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        Assert.True(broker.GitHub.Requests.InstallationLookups == 2, why);
        Assert.Equal(1, broker.GitHub.Requests.Recent.Count(request => request.Status == 401));
        (await broker.RequestTokenAsync(TokenRequests.OtherOrganization)).IsToken();
        Assert.Equal(1, broker.GitHub.Requests.Recent.Count(request => request.Status == 401));

        // Expiry goes by GitHub's clock: an hour from now whatever ours says.
        broker.Advance(35 * 60);
        Assert.True((await broker.RequestTokenAsync(TokenRequests.Organization)).IsHit);
        broker.Advance(16 * 60);
        Assert.False((await broker.RequestTokenAsync(TokenRequests.Organization)).IsHit);
    }

    private static async Task ReplaceKeyAsync(TestBroker broker, string pem, int times)
    {
        broker.WriteFile("app.pem", pem);
        broker.Advance(6);
        await Eventually.IsTrueAsync(
            () => broker.Logs.Lines.Count(line => line.Message.Contains("app.pem changed", StringComparison.Ordinal)) == times,
            "the key was read again");
    }
}
