using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>GitHub answers 201, and what it hands over is worth nothing or little.</summary>
public sealed class UselessTokenTests
{
    [Theory]
    [InlineData(SandboxFaultNames.ExpiredToken, null, TokenRequests.Organization, "a registration token that has expired")]
    [InlineData(SandboxFaultNames.ExpiredToken, null, TokenRequests.Enterprise, "an enterprise's")]
    [InlineData(SandboxFaultNames.ExpiredToken, "access_tokens", TokenRequests.Organization, "an installation token that has expired")]
    [InlineData(SandboxFaultNames.NoToken, null, TokenRequests.Repository, "no registration token")]
    [InlineData(SandboxFaultNames.NoToken, "access_tokens", TokenRequests.Repository, "no installation token")]
    [InlineData(SandboxFaultNames.EmptyToken, null, TokenRequests.Organization, "an empty registration token")]
    [InlineData(SandboxFaultNames.EmptyToken, "access_tokens", TokenRequests.Organization, "an empty installation token")]
    public async Task A_useless_token_is_503_and_neither_cached_nor_passed_on(string fault, string? at, string scope, string why)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(fault, path: at);
        var answer = (await broker.RequestTokenAsync(scope)).IsFailure(503, "useless-token");
        Assert.True(answer.Wait == 2, why);
        Assert.DoesNotContain(broker.GitHub.IssuedSecrets, secret => answer.Text.Contains(secret, StringComparison.Ordinal));

        broker.GitHub.Faults.Clear();
        broker.Advance(2.1);
        var served = await broker.RequestTokenAsync(scope);
        served.IsToken();
        Assert.False(served.IsHit);
    }

    [Theory]
    [InlineData(SandboxFaultNames.ExpiredToken)]
    [InlineData(SandboxFaultNames.NoToken)]
    [InlineData(SandboxFaultNames.EmptyToken)]
    public async Task A_token_that_lives_is_better_than_a_useless_one(string fault)
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        var token = (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(20 * 60);
        broker.GitHub.Faults.Add(fault);
        Assert.Equal(token, (await broker.RequestTokenAsync(TokenRequests.Organization, minimumLifetime: 2700)).IsToken());
        Assert.Equal(token, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken());
        Assert.Equal(2, broker.GitHub.Requests.RegistrationTokens);
    }

    [Fact]
    public async Task A_token_that_falls_short_of_the_demand_is_handed_out_and_not_minted_again_for_a_minute()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.ShortToken, seconds: 1200);
        var token = (await broker.RequestTokenAsync(TokenRequests.Organization, minimumLifetime: 2700)).IsToken();
        broker.Advance(55);
        Assert.Equal(token, (await broker.RequestTokenAsync(TokenRequests.Organization, minimumLifetime: 2700)).IsToken());
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);
        broker.Advance(6);
        Assert.NotEqual(token, (await broker.RequestTokenAsync(TokenRequests.Organization, minimumLifetime: 2700)).IsToken());
        Assert.Equal(2, broker.GitHub.Requests.RegistrationTokens);
    }

    [Fact]
    public async Task A_token_of_seconds_is_handed_out_while_it_lives_and_never_after()
    {
        await using var broker = await TokenRequests.StartBrokerAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.ShortToken, times: 1, seconds: 30);
        var token = (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken();
        broker.Advance(20);
        Assert.Equal(token, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken());
        broker.Advance(11);
        Assert.NotEqual(token, (await broker.RequestTokenAsync(TokenRequests.Organization)).IsToken());
    }
}
