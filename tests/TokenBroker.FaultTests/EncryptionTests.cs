using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace TokenBroker.FaultTests;

/// <summary>What stands in Redis, and who can read it.</summary>
public sealed class EncryptionTests
{
    private static readonly string OldKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly string NewKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    [Fact]
    public async Task Nothing_in_Redis_can_be_read()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address);
        foreach (var scope in new[] { "orgs/octo-org", "repos/octo-org/hello", "enterprises/octo-ent" })
            Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, scope)).Status);
        replicas.GitHub.Faults.Add(Sandbox.GitHub.SandboxFaultNames.IpAllowList, path: "cold-");
        Assert.Equal(HttpStatusCode.Forbidden, (await replicas.AskAsync(1, replicas.AddRepositories(1)[0])).Status);
        await SharedMintTests.WaitForSecretsAsync(redis, 3);
        await Eventually.IsTrueAsync(
            async () => (await redis.DumpAsync()).Keys.Any(key => key.EndsWith(":failure", StringComparison.Ordinal)),
            "the failure was shared");

        var dump = string.Join('\n', (await redis.DumpAsync()).Select(entry => entry.Key + " " + Encoding.Latin1.GetString(entry.Value)));
        foreach (var readable in replicas.GitHub.IssuedSecrets.Concat(
            ["{\"", "eyJ", "octo-org", "octo-ent", "token\"", "IP allow list", replicas.GitHub.EnterpriseToken]))
            Assert.DoesNotContain(readable, dump, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("old", "new", false, "without a step between, the other cannot read it")]
    [InlineData("old", "old,new", true, "first the new key second, everywhere")]
    [InlineData("new,old", "old,new", true, "then first, one replica after the other")]
    [InlineData("new", "new,old", true, "then the old one goes")]
    public async Task Keys_are_rotated_in_two_steps(string writer, string reader, bool isShared, string why)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(2, redis.Address, configure: (configuration, number) =>
            configuration["TokenCache"]!["EncryptionKeys"] = new JsonArray(
                [.. (number == 0 ? writer : reader).Split(',').Select(name => (JsonNode)(name == "old" ? OldKey : NewKey))]));
        var first = await replicas.AskAsync(0);
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        var second = await replicas.AskAsync(1);
        Assert.Equal(HttpStatusCode.Created, second.Status);
        Assert.True(isShared == (first.Token == second.Token), why);
    }

    [Fact]
    public async Task A_key_that_is_added_to_its_file_is_used_without_a_restart()
    {
        await using var redis = await RedisServer.StartAsync();
        using var files = new TemporaryFolder();
        var path = files.Write("reader-keys", OldKey + "\n");
        await using var replicas = await Replicas.StartAsync(
            2,
            redis.Address,
            configure: (configuration, number) => configuration["TokenCache"] = number == 0
                ? new JsonObject { ["EncryptionKeys"] = new JsonArray(NewKey) }
                : new JsonObject { ["EncryptionKeysPath"] = path });
        files.Write("reader-keys", $"{OldKey}\n{NewKey}\n");
        await Eventually.IsTrueAsync(
            () => replicas.Processes[1].Output.Contains("reader-keys changed", StringComparison.Ordinal),
            "the file was read again");
        var first = await replicas.AskAsync(0);
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        Assert.Equal(first.Token, (await replicas.AskAsync(1)).Token);
    }

    [Fact]
    public async Task A_higher_generation_forgets_all_tokens()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(
            2,
            redis.Address,
            configure: (configuration, number) => configuration["TokenCache"]!["Generation"] = number + 1);
        var first = await replicas.AskAsync(0);
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        Assert.NotEqual(first.Token, (await replicas.AskAsync(1)).Token);
    }

    [Fact]
    public async Task Redis_without_a_key_does_not_start()
    {
        await using var replica = BrokerProcess.Start(("ConnectionStrings__Redis", "127.0.0.1:6379,password=hunter2"));
        Assert.Equal(1, await replica.ExitCodeAsync());
        Assert.Contains("TokenCache:EncryptionKeys: ", replica.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", replica.Output, StringComparison.Ordinal);
    }
}
