using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Downloads;

public sealed class DeprecationTests
{
    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task When_a_version_ends_is_GitHubs_own_answer(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.GetAsync($"{prefix}/{scope}/actions/runners/deprecations/2.300.0")).Is(200);
        Assert.Equal("2.300.0", answer.Json.GetProperty("runner_version").GetString());
        Assert.NotEmpty(answer.Json.GetProperty("registration_deprecates_at").GetString()!);
    }

    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task GitHub_Enterprise_Server_has_none(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.EnterpriseServer = true;
        for (var time = 0; time < 3; time++)
        {
            var answer = (await broker.GetAsync($"{prefix}/{scope}/actions/runners/deprecations/2.300.0")).IsFailure(
                404,
                "no-deprecations");
            Assert.Contains("GitHub Enterprise Server has none", answer.Detail, StringComparison.Ordinal);
        }

        // It is said of a version, not of the scope.
        (await broker.GetAsync($"{prefix}/{scope}/actions/runners")).Is(200);
        Assert.InRange(broker.GitHub.Requests.InstallationTokens, 0, 1);
    }

    [Theory]
    [InlineData("2.x.0")]
    [InlineData("latest")]
    [InlineData("v2.300.0")]
    [InlineData("2..0")]
    [InlineData(".2")]
    [InlineData("2.")]
    [InlineData("2.300.0-rc1")]
    [InlineData("2%2F3")]
    [InlineData("%D9%A2.0")]
    [InlineData("111111111111111111111111111111111")]
    public async Task An_invalid_version_is_400_and_named(string version)
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal(
            "version:invalid",
            (await broker.GetAsync($"{RunnerApi.Organization}/deprecations/{version}")).IsFailure(400, "invalid-request").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task One_that_GitHub_does_not_know_is_404()
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Contains(
            "'2'",
            (await broker.GetAsync($"{RunnerApi.Organization}/deprecations/2")).IsFailure(404, "no-deprecations").Detail,
            StringComparison.Ordinal);
        Assert.Equal(
            RunnerApi.Organization + "/deprecations/2",
            broker.GitHub.Requests.OfKind(SandboxRequestKind.Deprecation).Single().Path);
    }
}
