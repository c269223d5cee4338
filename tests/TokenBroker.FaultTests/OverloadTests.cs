using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.FaultTests;

/// <summary>More callers than can be served, on a broker of its own.</summary>
public sealed class OverloadTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Six_thousand_callers_wait_for_one_mint_and_all_are_served()
    {
        await using var replicas = await Replicas.StartAsync(1, redis: null);
        using var storm = Storm(replicas);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, "enterprises/octo-ent")).Status);
        var hang = replicas.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");
        var jwt = replicas.Issuer.Sign();
        var callers = Enumerable.Range(0, 6_000).Select(_ => AskAsync(storm, jwt)).ToList();
        await Eventually.IsTrueAsync(() => replicas.GitHub.Requests.Held == 1, "the mint was held");

        // All come within these seconds, and nobody is answered or shed. The broker answers who asks how it is meanwhile.
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        var alive = await replicas.AliveAsync(0);
        Assert.DoesNotContain(callers, caller => caller.IsCompleted);
        hang.Dispose();
        var answers = await Task.WhenAll(callers);
        output.WriteLine($"6000 callers; /livez took {alive.TotalSeconds:F1} s; the longest "
            + $"waited {answers.Max(answer => answer.Elapsed).TotalSeconds:F1} s; {replicas.Processes[0].MegabytesAtMost} MB at most");
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Single(answers.Select(answer => answer.Text).Distinct(StringComparer.Ordinal));

        // An attempt that a busy machine holds for more than seven seconds is made again.
        Assert.InRange(replicas.GitHub.Requests.RegistrationTokens, 2, 3);
    }

    [Fact]
    public async Task Excess_requests_are_shed_at_once_and_waiting_ones_are_served()
    {
        await using var replicas = await Replicas.StartAsync(1, redis: null, configure: (configuration, _) =>
            configuration["Overload"] = new JsonObject { ["MaxConcurrentRequests"] = 500 });
        using var storm = Storm(replicas);
        var hang = replicas.GitHub.Faults.Add(SandboxFaultNames.Hang, times: 1, path: "registration-token");
        var jwt = replicas.Issuer.Sign();
        var callers = Enumerable.Range(0, 2_000).Select(_ => AskAsync(storm, jwt)).ToList();
        await Eventually.IsTrueAsync(() => callers.Count(caller => caller.IsCompleted) == 1_500, "the rest was shed");
        Assert.InRange(await replicas.AliveAsync(0), TimeSpan.Zero, Prompt);

        var late = await AskAsync(storm, jwt);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.Status);
        Assert.InRange(late.Elapsed, TimeSpan.Zero, Prompt);
        hang.Dispose();
        var answers = await Task.WhenAll(callers);
        var shed = answers.Where(answer => answer.Status == HttpStatusCode.ServiceUnavailable).ToList();
        output.WriteLine($"500 served, {shed.Count} shed within {shed.Max(answer => answer.Elapsed).TotalSeconds:F1} s");
        Assert.Equal((500, 1_500), (answers.Count(answer => answer.Status == HttpStatusCode.Created), shed.Count));
        Assert.All(shed, answer => Assert.Contains(":overloaded\"", answer.Text, StringComparison.Ordinal));
        Assert.All(shed, answer => Assert.InRange(answer.RetryAfter, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10)));
        Assert.True(shed.Select(answer => answer.RetryAfter).Distinct().Count() > 1, "All are told to come back at once.");
        Assert.Equal(1, replicas.GitHub.Requests.RegistrationTokens);
        Assert.Equal(HttpStatusCode.Created, (await AskAsync(storm, jwt)).Status);
    }

    private static HttpClient Storm(Replicas replicas) =>
        new(new SocketsHttpHandler { MaxConnectionsPerServer = 10_000 })
        {
            BaseAddress = replicas.Clients[0].BaseAddress,
            Timeout = TimeSpan.FromSeconds(60),
        };

    private static async Task<Answer> AskAsync(HttpClient client, string jwt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orgs/octo-org/actions/runners/registration-token");
        request.Headers.Authorization = new("Bearer", jwt);
        var started = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request);
        return new Answer(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero,
            Stopwatch.GetElapsedTime(started));
    }

    private sealed record Answer(HttpStatusCode Status, string Text, TimeSpan RetryAfter, TimeSpan Elapsed);
}
