using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Caching.Redis;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Tests.Commands;

namespace TokenBroker.Tests.Caching.Redis;

/// <summary>However a password is written into the address, rightly or wrongly, no output ever holds a part of it.</summary>
public sealed class RedisPasswordTests
{
    private const string Head = "Xq7vA";
    private const string Tail = "tZ9wB";

    // Nobody listens at port 1.
    private static readonly string[] Shapes =
    [
        "127.0.0.1:1,password={0}", "127.0.0.1:1,user=app,password={0},ssl=true", "127.0.0.1:1,password={0},127.0.0.1:2",
        "127.0.0.1:1, Password = {0} ,defaultDatabase=1",
        "{0}", "{0},ssl=true", "password={0},127.0.0.1:1", "127.0.0.1:1,{0}", "127.0.0.1:1 password={0}", "127.0.0.1:1;password={0}",
        "127.0.0.1:1?password={0}", "127.0.0.1:1,password:{0}",
        "127.0.0.1:1,passwrd={0}", "127.0.0.1:1,ssl=true,{0}", "127.0.0.1:1,ssl={0}", "127.0.0.1:1,defaultDatabase={0}",
        "127.0.0.1:1,protocol={0}", "127.0.0.1:1,tunnel={0}",
        "127.0.0.1:1,serviceName=mymaster,password={0}", "127.0.0.1:1,serviceName=mymaster,sentinelPassword={0}",
        "127.0.0.1:1,password=x,password={0}",
        "redis://:{0}@127.0.0.1:1", "redis://app:{0}@127.0.0.1:1/0", "rediss://app:{0}@127.0.0.1:1", "redis://{0}@127.0.0.1:1",
        "redis://app:{0}", "redis://127.0.0.1:1/{0}",
        "redis://127.0.0.1:1?password={0}", "redis://127.0.0.1:1?serviceName=mymaster&sentinelPassword={0}", "redis://127.0.0.1:1?name={0}",
        "redis://:{1}@127.0.0.1:1", "rediss://app:{1}@127.0.0.1:1/0?keepAlive=5",
        "redis://:{1}@127.0.0.1:1,127.0.0.1:2?serviceName=mymaster",
        "app:{0}@127.0.0.1:1", "{0}@127.0.0.1:1", "http://app:{0}@127.0.0.1:1", "redis+sentinel://:{0}@127.0.0.1:1/mymaster",
        "\"127.0.0.1:1,password={0}\"", "127.0.0.1:1,password=\"{0}\"",
    ];

    private static readonly string[] Passwords =
    [
        .. new[]
        {
            ",",
            "=",
            ":",
            "@",
            "/",
            "%",
            "#",
            "?",
            "&",
            ";",
            " ",
            "\"",
            "'",
            "\\",
            "$",
            "[",
            "]",
            "!",
            "+",
            "|",
            "://",
            ",,",
            "%2C",
            "=,",
            ",$",
            "\n",
            "ä",
            "\u0000",
        }.Select(between => Head + between + Tail),
        $"{Head},{Tail}:80", $"{Head},{Tail}=1", $"{Head},ssl={Tail}", $"{Head},name={Tail}", $"{Head},user={Tail}",
        $"{Head},password={Tail}", $"{Head},serviceName={Tail}",
        $"{Head},sslHost={Tail},ssl=true", $"{Head},$info={Tail}", $"{Head},redis://{Tail}:1", $"{Head}@{Tail}:1",
        $"{Head},{Tail}.example:6379", $"{Head}{Tail}==",
    ];

    // Those of whose shape a part looks like something else.
    private static readonly string[] Nastiest =
    [
        $"{Head},{Tail}",
        $"{Head}@{Tail}",
        $"{Head},{Tail}.example:80",
        $"{Head},{Tail}=1",
        $"{Head},name={Tail}",
        $"{Head}://{Tail}",
    ];

    [Fact]
    public async Task No_command_reveals_a_part_of_it()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        using var files = new TemporaryFolder();
        var jwt = files.Write("jwt", fixture.Issuer.Sign());
        fixture.Configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(Convert.ToBase64String(new byte[32])) };
        var (refused, accepted) = (0, 0);
        foreach (var shape in Shapes)
        {
            var seen = new HashSet<bool>();
            foreach (var text in Written(shape, Nastiest))
            {
                fixture.Configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = text };
                var path = fixture.Write("broker.json", fixture.Configuration.ToJsonString());
                var isAccepted = await RunAsync(text, "check", "--config", path) == 0;
                (refused, accepted) = isAccepted ? (refused, accepted + 1) : (refused + 1, accepted);

                // Of each shape, one that is refused and one that goes to the network.
                if (!seen.Add(isAccepted))
                    continue;
                await RunAsync(text, "doctor", "--config", path, "--timeout", "20");
                await RunAsync(text, "explain", "--config", path, "--scope", "orgs/octo-org", "--token-file", jwt);
            }
        }

        Assert.True(refused > 100 && accepted > 20, $"{refused} were refused, {accepted} accepted.");
    }

    [Theory]
    [InlineData("127.0.0.1:1,user=app,password=" + Head + "=" + Tail)]
    [InlineData("rediss://app:" + Head + "%2C" + Tail + "@127.0.0.1:1")]
    [InlineData("127.0.0.1:1,serviceName=mymaster,password=" + Head + ":" + Tail + ",sentinelPassword=" + Tail)]
    public async Task A_broker_that_runs_logs_and_answers_no_part_of_it(string text)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = text };
            configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(Convert.ToBase64String(new byte[32])) };
        });
        using var answer = await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token");
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var health = await broker.Client.GetStringAsync("/readyz");
        Assert.Contains("Redis does not answer", health, StringComparison.Ordinal);
        Assert.Contains("Redis does not answer", broker.Logs.Text, StringComparison.Ordinal);
        AssertUntold(text, health + await answer.Content.ReadAsStringAsync() + broker.Logs.Text);
    }

    [Theory]
    [InlineData("127.0.0.1:1,password=" + Head + "," + Tail + ":80")]
    [InlineData("redis://:" + Head + "@" + Tail + "@127.0.0.1:1")]
    public async Task A_broker_that_fails_to_start_reveals_no_part_of_it(string text)
    {
        using var files = new TemporaryFolder();
        await using var named = BrokerProcess.Start(("ConnectionStrings__Redis", text));
        await using var mounted = BrokerProcess.Start(("ConnectionStrings__RedisPath", files.Write("redis", text)));
        foreach (var (broker, key) in new[] { (named, "Redis"), (mounted, "RedisPath") })
        {
            Assert.Equal(1, await broker.ExitCodeAsync());
            Assert.Contains($"ConnectionStrings:{key}: ", broker.Output, StringComparison.Ordinal);
            AssertUntold(text, broker.Output);
        }
    }

    [Fact]
    public void No_fault_and_no_server_holds_a_part_of_it()
    {
        var (refused, accepted) = (0, 0);
        foreach (var text in Shapes.SelectMany(shape => Written(shape, Passwords)))
        {
            var faults = new RedisOptionsValidator().Validate(name: null, new RedisOptions { Redis = text });
            AssertUntold(text, faults.FailureMessage ?? "");
            (refused, accepted) = faults.Failed ? (refused + 1, accepted) : (refused, accepted + 1);
            if (faults.Succeeded)
                AssertUntold(text, RedisAddress.Parse(text) + RedisAddress.Parse(text).Servers);
        }

        Assert.True(refused > 700 && accepted > 200, $"{refused} were refused, {accepted} accepted.");
    }

    // But for two that are addresses as they should be, whatever was meant: a URL with a host, and a server with a password that has an @.
    private static IEnumerable<string> Written(string shape, IEnumerable<string> passwords) => passwords
        .Where(password => shape != "redis://app:{0}" || !password.Contains('@', StringComparison.Ordinal))
        .Where(password => shape != "{0}@127.0.0.1:1" || !password.Contains(",password=", StringComparison.Ordinal))
        .Select(password => shape.Replace("{0}", password, StringComparison.Ordinal).Replace(
            "{1}",
            Uri.EscapeDataString(password),
            StringComparison.Ordinal));

    private static async Task<int> RunAsync(string text, params string[] words)
    {
        var (code, output, errors) = await CommandLineTests.RunAsync(words);
        AssertUntold(text, output + errors);
        return code;
    }

    private static void AssertUntold(string text, string output)
    {
        foreach (var part in new[] { Head, Tail })
            Assert.False(output.Contains(part, StringComparison.OrdinalIgnoreCase), $"A part of the password of {text} is told:\n{output}");
    }
}
