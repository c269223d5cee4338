using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using TokenBroker.Caching;
using TokenBroker.Caching.Redis;

namespace TokenBroker.FaultTests;

/// <summary>One fault is planted at Redis, and <c>doctor</c> finds that one.</summary>
public sealed class DoctorTests
{
    private static readonly string Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task A_sound_Redis_is_reported_and_left_as_it_was()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fixture = await StartAsync(redis.Address);
        var report = await fixture.RunDoctorAsync();
        Assert.True(!report.Problems.Any(), report.Output);
        Assert.Matches($"ok     Redis: {redis.Address}, version [0-9.]+, answers in [0-9.]+ ms", report.Output);
        Assert.Empty(await redis.DumpAsync());
    }

    [Fact]
    public async Task A_missing_Redis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fixture = await StartAsync(redis.Address);
        await redis.KillAsync();
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", $"Redis: {redis.Address} does not answer as Redis", "ConnectionStrings:Redis");
    }

    [Fact]
    public async Task A_Redis_that_hangs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fixture = await StartAsync(redis.Address);
        await redis.StopAsync();
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", $"Redis: {redis.Address} does not answer as Redis", "ConnectionStrings:Redis");
        await redis.ContinueAsync();
    }

    [Theory]
    [InlineData(",password=opensesami")]
    [InlineData("")]
    public async Task A_wrong_password(string password)
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "opensesame");
        await using var fixture = await StartAsync(redis.Address + password);
        var report = await fixture.RunDoctorAsync();
        report.IsOnly("FAULT", $"Redis: {redis.Address} rejects the broker's credentials: the password is wrong or missing", "password=");
        Assert.DoesNotContain("opensesam", report.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Redis_whose_memory_is_full()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var fixture = await StartAsync(redis.Address);
        await redis.RunAsync("CONFIG", "SET", "maxmemory", "1");
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", $"Redis: {redis.Address} does not keep what is written (OOM)", "maxmemory");
    }

    [Fact]
    public async Task A_wrong_encryption_key()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(
            1,
            redis.Address,
            configure: (configuration, _) => configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(Key) });
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0)).Status);
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        await using var fixture = await StartAsync(redis.Address);
        Assert.Empty((await fixture.RunDoctorAsync()).Problems);

        fixture.Configuration["TokenCache"]!["EncryptionKeys"] = new JsonArray(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "Redis: 1 of the 1 tokens inspected cannot be decrypted",
            "TokenCache:EncryptionKeys");
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
    }

    /// <summary>Each broker writes some that last a second when it first meets Redis.</summary>
    [Fact]
    public async Task The_warm_up_value_is_not_a_token()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.RunAsync("SET", (string)RedisNames.ForWarmUp(new TokenCacheOptions().RedisKeyPrefix).Value!, "anything");
        await using var fixture = await StartAsync(redis.Address);
        var report = await fixture.RunDoctorAsync();
        Assert.True(!report.Problems.Any(), report.Output);
    }

    private static async Task<DoctorFixture> StartAsync(string redis)
    {
        var fixture = await DoctorFixture.StartAsync();
        fixture.Configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = redis };
        fixture.Configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(Key) };
        return fixture;
    }
}
