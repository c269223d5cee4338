using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Caching;

namespace TokenBroker.FaultTests;

/// <summary>Ten thousand machines boot at once: GitHub is asked once for each scope, and everyone gets a token.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    private const int Callers = 10_000;
    private const string KnownKey = """{ "EncryptionKeys": ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="] }""";
    // By default a token is refreshed when 20 minutes are left.
    private static readonly TimeSpan SoonToBeRefreshed = TimeSpan.FromMinutes(20) + TimeSpan.FromSeconds(4);
    private static readonly TimeSpan GitHubDelay = TimeSpan.FromMilliseconds(150);

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task A_storm_costs_one_mint_a_scope(int scopes)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, redis.Address, GitHubDelay);
        var cold = replicas.AddRepositories(scopes);
        var jwts = SignForAll(replicas);

        var started = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(jwts.Select((jwt, number) => replicas.AskAsync(number % 3, cold[number % scopes], jwt)));
        var storm = new Storm(
            scopes == 1 ? "one scope" : $"{scopes} scopes",
            answers,
            replicas.GitHub.Requests.RegistrationTokens,
            Stopwatch.GetElapsedTime(started));
        output.WriteLine(storm.Row);
        foreach (var line in replicas.Processes
            .SelectMany(process => process.Output.Split('\n'))
            .Where(line => line.Contains("Redis does not answer", StringComparison.Ordinal)))
            output.WriteLine(line);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Equal(scopes, answers.Select(answer => answer.Token).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(scopes, replicas.GitHub.Requests.RegistrationTokens);
        Assert.InRange(replicas.GitHub.Requests.InstallationLookups, 1, 3);

        // A repository's installation token is good for that repository alone, and the replica that mints is the one that needs it.
        Assert.Equal(scopes, replicas.GitHub.Requests.InstallationTokens);
    }

    [Fact]
    public async Task A_refresh_under_load_costs_one_mint_and_delays_no_caller()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(
            3,
            redis.Address,
            TimeSpan.FromSeconds(1),
            (configuration, _) => configuration["TokenCache"] = JsonNode.Parse(KnownKey));
        var scope = replicas.AddRepositories(1)[0];
        await LeaveInRedisAsync(
            redis,
            $"1|{replicas.GitHub.Address.Authority}|{replicas.GitHub.ClientId}|Registration|{scope}",
            """{ "token": "minted-long-ago" }""");

        // Some ask before the refresh, some in the three seconds that it takes, and the last when it is over.
        var jwt = replicas.Issuer.Sign();
        var started = Stopwatch.GetTimestamp();
        var running = new List<Task<Replicas.Answer>>();
        for (var number = 0; number < 600; number++)
        {
            running.Add(replicas.AskAsync(number % 3, scope, jwt));
            await Task.Delay(TimeSpan.FromMilliseconds(15), TimeProvider.System);
        }

        var answers = await Task.WhenAll(running);
        output.WriteLine(
            new Storm("a refresh", answers, replicas.GitHub.Requests.RegistrationTokens, Stopwatch.GetElapsedTime(started)).Row);
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Created, true), (answer.Status, answer.IsHit)));
        Assert.All(answers, answer => Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1.5)));
        Assert.Equal(1, replicas.GitHub.Requests.RegistrationTokens);
        Assert.Equal("minted-long-ago", answers[0].Token);
        Assert.NotEqual(
            "minted-long-ago",
            Assert.Single(answers.TakeLast(3).Select(answer => answer.Token).Distinct(StringComparer.Ordinal)));
    }

    // What was minted a moment ago is not refreshed, so this one was minted before the brokers started.
    private static async Task LeaveInRedisAsync(RedisServer redis, string key, string token)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new CacheMetrics(services.GetRequiredService<IMeterFactory>());
        using var connection = await BrokerRedis.ConnectAsync(redis, "token-broker:", metrics);
        var store = BrokerRedis.Create(connection, "token-broker:", metrics);
        await store.PublishAsync(
            store.NamesFor(key),
            "an earlier replica",
            new Secret(token, TimeProvider.System.GetUtcNow() + SoonToBeRefreshed),
            TimeSpan.FromMinutes(39));
    }

    private static List<string> SignForAll(Replicas replicas) =>
        [.. Enumerable.Range(0, Callers).AsParallel().Select(number => replicas.Issuer.Sign(new { sub = "vm-" + number }))];

    /// <summary>What a storm came to, as a row of the table in docs/reliability.md.</summary>
    internal sealed record Storm(string Name, IReadOnlyList<Replicas.Answer> Answers, int Mints, TimeSpan Wall)
    {
        public string Row
        {
            get
            {
                var waits = Answers.Select(answer => answer.Elapsed.TotalMilliseconds).Order().ToList();
                return $"| {Name} | {Answers.Count} | {Mints} | {waits[waits.Count / 2]:F0} ms "
                    + $"| {waits[waits.Count * 99 / 100]:F0} ms | {Wall.TotalSeconds:F1} s |";
            }
        }
    }
}
