using System.Globalization;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Listing;

public sealed class GetTests
{
    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task A_runner_is_GitHubs_own_answer(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        var runner = broker.GitHub.Runners.Add(scope, "vm-1", busy: true, "gpu");
        var answer = (await broker.GetAsync($"{prefix}/{scope}/actions/runners/{runner.Id}")).Is(200);
        Assert.Equal((runner.Id, "vm-1", true), (
            answer.Json.GetProperty("id").GetInt64(),
            answer.Json.GetProperty("name").GetString(),
            answer.Json.GetProperty("busy").GetBoolean()));
        Assert.Equal("self-hosted Linux X64 gpu", answer.Labels);
    }

    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task Runners_that_are_gone_cost_no_new_tokens_and_no_look_ups(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.GetAsync($"{prefix}/{scope}/actions/runners")).Is(200);
        var (tokens, lookUps) = (broker.GitHub.Requests.InstallationTokens, broker.GitHub.Requests.InstallationLookups);
        for (var time = 0; time < 10; time++)
        {
            (await broker.GetAsync($"{prefix}/{scope}/actions/runners/999999")).IsFailure(404, "unknown-runner");
            (await broker.GetAsync($"{prefix}/{scope}/actions/runners/999999/labels")).IsFailure(404, "unknown-runner");
        }

        Assert.Equal((tokens, lookUps), (broker.GitHub.Requests.InstallationTokens, broker.GitHub.Requests.InstallationLookups));

        // The no is about the runner: another one is there at once.
        (await broker.GetAsync($"{prefix}/{scope}/actions/runners/{broker.GitHub.Runners.List(scope)[0].Id}")).Is(200);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("9223372036854775808")]
    [InlineData("5x")]
    [InlineData("5%20")]
    [InlineData("1.0")]
    [InlineData("1,000")]
    public async Task An_invalid_ID_is_400_and_named(string id)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var prefix in new[] { "", "/api/v3" })
        {
            foreach (var (method, below) in new[]
            {
                ("GET", ""),
                ("DELETE", ""),
                ("GET", "/labels"),
                ("DELETE", "/labels"),
                ("DELETE", "/labels/gpu"),
            })
            {
                var answer = await broker.SendAsync(method, $"{prefix}{RunnerApi.Organization}/{id}{below}");
                Assert.Equal("runner_id:invalid", answer.IsFailure(400, "invalid-request").Fields);
            }
        }

        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Fact]
    public async Task The_largest_id_is_asked_for()
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.GetAsync($"{RunnerApi.Organization}/{long.MaxValue.ToString(CultureInfo.InvariantCulture)}")).IsFailure(
            404,
            "unknown-runner");
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerLookup));
    }

    [Theory]
    [InlineData("GET", "/abc", 404, null)]
    [InlineData("GET", "/5/label", 404, null)]
    [InlineData("GET", "/5/labels/gpu/x", 404, null)]
    [InlineData("GET", "/deprecations", 404, null)]
    [InlineData("PATCH", "/5", 405, "DELETE, GET")]
    [InlineData("PUT", "/5", 405, "DELETE, GET")]
    [InlineData("POST", "", 405, "GET")]
    [InlineData("PATCH", "/5/labels", 405, "DELETE, GET, POST, PUT")]
    [InlineData("GET", "/5/labels/gpu", 405, "DELETE")]
    [InlineData("GET", "/registration-token", 405, "POST")]
    [InlineData("DELETE", "/remove-token", 405, "POST")]
    [InlineData("GET", "/generate-jitconfig", 405, "POST")]
    [InlineData("DELETE", "/downloads", 405, "GET")]
    public async Task Unknown_paths_and_methods_are_reported_after_authentication(
        string method,
        string below,
        int status,
        string? allowed)
    {
        await using var broker = await TestBroker.StartAsync();
        foreach (var prefix in new[] { "", "/api/v3" })
        {
            var path = prefix + RunnerApi.Organization + below;
            var stranger = await broker.SendAsync(method, path, change: request => request.Headers.Remove("Authorization"));
            stranger.IsFailure(401, "unauthenticated");
            var caller = (await broker.SendAsync(method, path)).IsFailure(status, status == 404 ? "unknown-path" : "method-not-allowed");
            Assert.Equal(
                allowed,
                caller.Header("Allow") is { } header ? string.Join(", ", header.Split(", ").Order(StringComparer.Ordinal)) : null);
        }

        Assert.Equal(0, broker.GitHub.Requests.Total);
    }
}
