using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.FaultTests;

/// <summary>Replicas count grants together while Redis helps, and each for itself while it does not.</summary>
public sealed class GrantTests(ITestOutputHelper output)
{
    // What Redis may take of a request, and what two loaded cores add.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(500) + TimeSpan.FromMilliseconds(850);

    [Fact]
    public async Task Replicas_share_the_count()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 3);
        var jwt = replicas.Issuer.Sign();
        for (var number = 0; number < 3; number++)
            Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(number % 2, jwt: jwt)).Status);
        Assert.Contains("grants-used-up", (await RefusedAsync(replicas, 0, jwt)).Token, StringComparison.Ordinal);
        await RefusedAsync(replicas, 1, jwt);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(1, jwt: replicas.Issuer.Sign(new { sub = "vm-2" }))).Status);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(1, "repos/octo-org/hello", jwt)).Status);
    }

    [Fact]
    public async Task Of_many_at_once_over_two_replicas_three_get_their_token()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 3);
        var jwt = replicas.Issuer.Sign();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => replicas.AskAsync(number % 2, jwt: jwt)));
        Assert.Equal(3, answers.Count(answer => answer.Status == HttpStatusCode.Created));
        Assert.Equal(57, answers.Count(
            answer => answer.Status == HttpStatusCode.Forbidden && answer.Token.Contains("grants-used-up", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_counts_in_Redis_name_no_caller_and_expire_with_their_window()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 3);
        var jwt = replicas.Issuer.Sign();
        await replicas.AskAsync(0, jwt: jwt);
        await replicas.AskAsync(1, jwt: jwt);
        var key = Assert.Single(await LedgersAsync(redis));
        Assert.Matches("\\Atoken-broker:\\{[0-9a-f]{64}\\}:ledger\\z", key);
        Assert.InRange((long)await redis.RunAsync("pttl", key), 3_590_000, 3_600_000);
        var entries = (string[])(await redis.RunAsync("zrange", key, 0, -1, "WITHSCORES"))!;
        Assert.Equal(4, entries.Length);
        Assert.All(entries.Where((_, index) => index % 2 == 0), id => Assert.Matches("\\A[0-9a-f]{32}\\z", id));
        Assert.All(entries.Where((_, index) => index % 2 == 1), time => Assert.Matches("\\A[0-9]{13}\\z", time));
    }

    [Fact]
    public async Task What_is_not_answered_with_a_token_is_given_back_to_all()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 1);
        var (jwt, scope) = (replicas.Issuer.Sign(), replicas.AddRepositories(1)[0]);
        replicas.GitHub.Faults.Add(SandboxFaultNames.NoToken, times: 1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await replicas.AskAsync(0, scope, jwt)).Status);
        await Eventually.IsTrueAsync(async () => (await LedgersAsync(redis)).Count == 0, "nothing was counted");

        // The failure itself is remembered for two seconds.
        await Eventually.IsTrueAsync(
            async () => (await replicas.AskAsync(1, scope, jwt)).Status == HttpStatusCode.Created,
            "the other replica gave the token");
        await RefusedAsync(replicas, 0, jwt, scope);
        Assert.Single(await LedgersAsync(redis));
    }

    [Fact]
    public async Task What_was_kept_is_not_pushed_out_of_Redis_by_what_runs_and_comes_to_nothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address, TimeSpan.FromMilliseconds(50), (configuration, _) =>
        {
            // The second policy counts nothing, and fills the count all the same.
            var policies = configuration["Authorization"]!["Policies"]!.AsObject();
            var machines = policies["sandbox-machines"]!;
            policies["boot"] = machines.DeepClone();
            policies["boot"]!["Claims"]!.AsArray().Add(new JsonObject { ["Claim"] = "event", ["Matches"] = new JsonArray("boot") });
            machines["Grants"] = new JsonObject { ["Count"] = 1, ["Within"] = "01:00:00" };
        });
        Assert.Equal(HttpStatusCode.Created, await MakeRunnerAsync(replicas, 0, "vm-1", replicas.Issuer.Sign()));
        var boot = replicas.Issuer.Sign(new { sub = "vm-1", @event = "boot" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => MakeRunnerAsync(replicas, 0, "vm-1", boot)));
        Assert.All(answers, status => Assert.Equal(HttpStatusCode.Conflict, status));

        // The other replica knows of it by Redis alone.
        Assert.Equal(HttpStatusCode.Forbidden, await MakeRunnerAsync(replicas, 1, "vm-2", replicas.Issuer.Sign()));
        await Eventually.IsTrueAsync(
            async () => (long)await redis.RunAsync("zcard", Assert.Single(await LedgersAsync(redis))) == 1,
            "the others were given back, and the first was kept");
    }

    [Fact]
    public async Task Without_Redis_each_replica_counts_for_itself_and_with_it_they_share_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 2);
        var jwt = replicas.Issuer.Sign();
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, jwt: jwt)).Status);

        await redis.KillAsync();
        await Eventually.IsTrueAsync(
            async () => !await replicas.HasRedisAsync(0) && !await replicas.HasRedisAsync(1),
            "the brokers noticed");
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, jwt: jwt)).Status);
        await RefusedAsync(replicas, 0, jwt);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(1, jwt: jwt)).Status);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(1, jwt: jwt)).Status);
        await RefusedAsync(replicas, 1, jwt);

        // It comes back empty; what each replica gave it still knows.
        await redis.RestartAsync();
        await Eventually.IsTrueAsync(
            async () => await replicas.HasRedisAsync(0) && await replicas.HasRedisAsync(1),
            "the brokers used Redis again");
        await RefusedAsync(replicas, 0, jwt);
        await RefusedAsync(replicas, 1, jwt);
        var fresh = replicas.Issuer.Sign(new { sub = "vm-2" });
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, jwt: fresh)).Status);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(1, jwt: fresh)).Status);
        await RefusedAsync(replicas, 0, fresh);
        await RefusedAsync(replicas, 1, fresh);
    }

    [Fact]
    public async Task No_caller_is_refused_or_delayed_because_Redis_hangs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 3);
        await replicas.AskAsync(0, jwt: replicas.Issuer.Sign(new { sub = "vm-0" }));
        await redis.StopAsync();
        var jwt = replicas.Issuer.Sign();
        for (var number = 0; number < 3; number++)
        {
            var answer = await replicas.AskAsync(0, jwt: jwt);
            output.WriteLine($"answered after {answer.Elapsed.TotalMilliseconds:F0} ms");
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            Assert.InRange(answer.Elapsed, TimeSpan.Zero, LongestWait);
        }

        await RefusedAsync(replicas, 0, jwt);
        await redis.ContinueAsync();
    }

    [Fact]
    public async Task A_corrupted_count_is_ignored()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await StartAsync(redis.Address, count: 2);
        var jwt = replicas.Issuer.Sign();
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, jwt: jwt)).Status);
        await redis.RunAsync("set", Assert.Single(await LedgersAsync(redis)), "spoilt");
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, jwt: jwt)).Status);
        await RefusedAsync(replicas, 0, jwt);
        Assert.True(await replicas.HasRedisAsync(0));
    }

    private static Task<Replicas> StartAsync(string redis, int count) => Replicas.StartAsync(2, redis, configure: (configuration, _) =>
        configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Grants"] = new JsonObject
        {
            ["Count"] = count,
            ["Within"] = "01:00:00",
        });

    private static async Task<HttpStatusCode> MakeRunnerAsync(Replicas replicas, int broker, string name, string jwt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orgs/octo-org/actions/runners/generate-jitconfig");
        request.Headers.Authorization = new("Bearer", jwt);
        request.Content = JsonContent.Create(new { name, runner_group_id = 1, labels = new[] { "x" } });
        using var response = await replicas.Clients[broker].SendAsync(request);
        return response.StatusCode;
    }

    private static async Task<Replicas.Answer> RefusedAsync(Replicas replicas, int broker, string jwt, string scope = "orgs/octo-org")
    {
        var answer = await replicas.AskAsync(broker, scope, jwt);
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        return answer;
    }

    private static async Task<IReadOnlyList<string>> LedgersAsync(RedisServer redis) =>
        (string[])(await redis.RunAsync("keys", "*:ledger"))!;
}
