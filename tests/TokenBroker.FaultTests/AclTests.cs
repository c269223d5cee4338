using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using StackExchange.Redis;

namespace TokenBroker.FaultTests;

/// <summary>A user of Redis with the documented rights and no others.</summary>
public sealed class AclTests
{
    private const string User = "token-broker";
    private const string Password = "opensesame";

    // What may not be selected is not refused: the client goes on in database 0.
    private const int Database = 3;
    private static readonly string Key = Convert.ToBase64String(new byte[32]);

    // What the client asks for when it connects and does without. Each of the others is a right that is missing.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal) { "config|get", "cluster|nodes", "cluster|slots" };

    private static readonly string[] Rule = Documentation.Read("docs/redis.md").Split('\n')
        .Single(line => line.StartsWith("user token-broker ", StringComparison.Ordinal))
        .Replace("PASSWORD", Password, StringComparison.Ordinal)
        .Split(' ')[1..];

    [Fact]
    public async Task The_documented_rights_are_enough_for_brokers_and_doctor()
    {
        await using var redis = await StartAsync(Rule);
        await using var replicas = await Replicas.StartAsync(2, Address(redis), configure: (configuration, _) =>
        {
            configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Grants"] = new JsonObject
            {
                ["Count"] = 100,
                ["Within"] = "01:00:00",
            };
            configuration["TokenCache"]!["EncryptionKeys"] = new JsonArray(Key);
        });
        await Eventually.IsTrueAsync(
            async () => await replicas.HasRedisAsync(0) && await replicas.HasRedisAsync(1),
            "the brokers used Redis");
        var jwt = replicas.Issuer.Sign();
        var minted = await replicas.AskAsync(0, jwt: jwt);
        Assert.Equal(HttpStatusCode.Created, minted.Status);
        await Eventually.IsTrueAsync(async () => (await redis.TokenKeysAsync(Database)).Count > 0, "the token was in Redis");
        Assert.Equal(minted.Token, (await replicas.AskAsync(1)).Token);

        // A failure is shared too, a grant that bought nothing is given back, and both replicas wait for one mint.
        replicas.GitHub.Faults.Add(Sandbox.GitHub.SandboxFaultNames.IpAllowList, path: "cold-");
        Assert.Equal(HttpStatusCode.Forbidden, (await replicas.AskAsync(1, replicas.AddRepositories(1)[0])).Status);
        await WaitForKeyAsync(redis, ":failure");
        await WaitForKeyAsync(redis, ":ledger");

        await using var fixture = await StartAsync(Address(redis));
        var report = await fixture.RunDoctorAsync();
        Assert.True(!report.Problems.Any(), report.Output);
        Assert.Contains($"ok     Redis: {redis.Address}, version ", report.Output, StringComparison.Ordinal);
        Assert.Subset(Harmless, (await DenialsAsync(redis)).ToHashSet(StringComparer.Ordinal));
        Assert.Empty(await redis.KeysAsync(database: 0));
    }

    [Theory]
    [InlineData("token-broker", "opensesami")]
    [InlineData("token-breaker", "opensesame")]
    public async Task A_wrong_user_or_password_is_not_let_in(string user, string password)
    {
        await using var redis = await StartAsync(Rule);
        await redis.RunAsync("ACL", "SETUSER", "default", "resetpass", ">" + Password);
        await using var fixture = await StartAsync($"redis://{user}:{password}@{redis.Address}");
        var report = await fixture.RunDoctorAsync();
        report.IsOnly("FAULT", $"Redis: {redis.Address} rejects the broker's credentials", "user=");
        Assert.DoesNotContain("opensesam", report.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("token-brea", report.Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// Its scripts may run, and may not do what they are for: then brokers share nothing, or count grants each for itself.
    /// </summary>
    [Theory]
    [InlineData("set")]
    [InlineData("pttl")]
    [InlineData("pexpire")]
    [InlineData("zadd")]
    [InlineData("zcount")]
    [InlineData("zrem")]
    [InlineData("zremrangebyrank")]
    [InlineData("publish")]
    public async Task A_right_that_scripts_lack_is_reported_by_name(string command)
    {
        await using var redis = await StartAsync([.. Rule, "-" + command]);
        await using var fixture = await StartAsync(Address(redis));
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            $"Redis: the broker's user at {redis.Address} lacks permissions (NOPERM, {command})",
            "ACL");
    }

    [Theory]
    [InlineData("-setex")]
    [InlineData("-eval")]
    [InlineData("resetchannels")]
    [InlineData("-scan")]
    [InlineData("resetkeys")]
    public async Task A_missing_right_is_reported(string change)
    {
        await using var redis = await StartAsync([.. Rule, change]);
        await using var fixture = await StartAsync(Address(redis));
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            $"Redis: the broker's user at {redis.Address} lacks permissions (NOPERM)",
            "ACL");
    }

    private static string Address(RedisServer redis) =>
        string.Create(CultureInfo.InvariantCulture, $"{redis.Address},user={User},password={Password},defaultDatabase={Database}");

    private static async Task<RedisServer> StartAsync(IReadOnlyList<string> rule)
    {
        var redis = await RedisServer.StartAsync();
        await redis.RunAsync("ACL", ["SETUSER", .. rule]);
        return redis;
    }

    private static async Task<DoctorFixture> StartAsync(string redis)
    {
        var fixture = await DoctorFixture.StartAsync();
        fixture.Configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = redis };
        fixture.Configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(Key) };
        return fixture;
    }

    private static Task WaitForKeyAsync(RedisServer redis, string kind) => Eventually.IsTrueAsync(
        async () => (await redis.KeysAsync(Database)).Any(key => key.EndsWith(kind, StringComparison.Ordinal)), $"a key ended with {kind}");

    private static async Task<IReadOnlyList<string>> DenialsAsync(RedisServer redis) =>
        [.. ((RedisResult[])(await redis.RunAsync("ACL", "LOG"))!)
            .Select(entry => ((RedisResult[])entry!).Select(part => part.ToString()).ToList())
            .Where(entry => entry[entry.IndexOf("username") + 1] == User)
            .Select(entry => entry[entry.IndexOf("object") + 1])];
}
