using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Hosting;

/// <summary>A replica takes on what it can hold, and tells the rest to come back.</summary>
public sealed class RequestsInFlightTests
{
    [Fact]
    public async Task Those_beyond_the_limit_are_refused_and_those_within_get_their_token()
    {
        await using var broker = await TokenRequests.StartBrokerAsync(
            (configuration, _) => configuration["Overload"] = new System.Text.Json.Nodes.JsonObject { ["MaxConcurrentRequests"] = 5 });
        var hang = broker.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");
        var waiting = Enumerable.Range(0, 20).Select(_ => broker.RequestTokenWithoutClockAsync(TokenRequests.Organization)).ToList();
        await Eventually.IsTrueAsync(
            () => waiting.Count(task => task.IsCompleted) == 15 && broker.GitHub.Requests.Held == 1,
            "the rest was refused");

        // Whoever it is: nothing is done for it, not even looking at its JWT.
        using var stranger = await broker.Client.PostAsync("/orgs/octo-org/actions/runners/registration-token", content: null);
        Assert.InRange((await TokenResponse.ReadAsync(stranger)).IsFailure(503, "overloaded").Wait, 5, 10);
        using var livez = await broker.Client.GetAsync("/livez");
        using var readyz = await broker.Client.GetAsync("/readyz");
        Assert.True(livez.IsSuccessStatusCode && readyz.IsSuccessStatusCode);

        hang.Dispose();
        var answers = await broker.RunAsync(Task.WhenAll(waiting));
        Assert.Equal(5, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.IsFailure(503, "overloaded"));
        Assert.Single(answers.Where(answer => answer.Status == 201).Select(answer => answer.IsToken()).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, broker.GitHub.Requests.RegistrationTokens);

        // Every place is free again.
        Assert.All(
            await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => broker.RequestTokenWithoutClockAsync(TokenRequests.Organization))),
            answer => Assert.True(answer.IsHit));
    }
}
