using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Caching.Redis;

/// <summary>
/// What answers scripts as no Redis does cannot help, and callers are served without it: those too whose grants are counted.
/// </summary>
public sealed class OddRedisTests
{
    private const string One = """{ "Grants": { "Count": 1, "Within": "01:00:00" } }""";
    private const string Nil = "$-1\r\n";
    private static readonly string Nested = OddRedis.List(OddRedis.List(":1\r\n"), OddRedis.List(OddRedis.List()));

    private static readonly (string Answer, string Shape)[] Shapes =
    [
        (":7\r\n", "a number"),
        (":9223372036854775807\r\n", "a huge number"),
        (Nil, "nothing"),
        ("*-1\r\n", "no list"),
        ("+OK\r\n", "a word"),
        (OddRedis.Bulk("1"), "a text"),
        (OddRedis.List(), "a list of nothing"),
        (OddRedis.List(":1\r\n", ":1\r\n"), "a list that is too short or too long"),
        (OddRedis.List(":1\r\n", Nil, Nil, Nil, ":1\r\n", ":1\r\n"), "a list that is too long"),
        (OddRedis.List(Nil), "a list of one that is nothing"),
        (OddRedis.List(Nil, Nil, Nil, Nil, Nil), "a list of five that are nothing"),
        (OddRedis.List(":7\r\n"), "a list of one that is no yes and no no"),
        (OddRedis.List(OddRedis.Bulk("1")), "a list of one text"),
        (OddRedis.List(OddRedis.Bulk("1"), Nil, Nil, Nil, OddRedis.Bulk("5")), "texts for numbers"),
        (OddRedis.List(":9223372036854775807\r\n"), "a list of one huge number"),
        (OddRedis.List(":9223372036854775807\r\n", Nil, Nil, Nil, ":9223372036854775807\r\n"), "huge numbers in a list"),
        (OddRedis.List(Nested), "a list of a list"),
        (OddRedis.List(Nested, Nested, Nested, Nested, Nested), "lists in a list"),
        (OddRedis.List(":0\r\n", Nested, Nil, Nil, ":-2\r\n"), "a list for a value"),
        (OddRedis.List(":0\r\n", Nil, Nil, Nil, ":-2\r\n"), "a lock that nobody has and nobody gets"),
        (OddRedis.List(":1\r\n", Nil, Nil, OddRedis.Bulk("another"), ":5000\r\n"), "a lock that is given and another's"),
        (OddRedis.List(":0\r\n", Nil, Nil, OddRedis.Bulk("another"), ":-1\r\n"), "a lock for ever"),
        (OddRedis.List(":0\r\n", OddRedis.Bulk("no token"), OddRedis.Bulk("no failure"), Nil, ":-2\r\n"), "what no broker has written"),
    ];

    [Fact]
    public async Task A_Redis_with_odd_script_replies_makes_no_caller_wait()
    {
        var answer = Nil;
        await using var redis = new OddRedis(_ => answer);
        await using var broker = await StartAsync(redis);
        foreach (var (index, shape) in Shapes.Index())
        {
            answer = shape.Answer;
            var name = string.Create(CultureInfo.InvariantCulture, $"hello-{index}");
            var path = $"/repos/octo-org/{name}/actions/runners/registration-token";
            broker.GitHub.Accounts.AddRepository("octo-org", name);
            var (asked, told) = (redis.Scripts, Told(broker));
            Assert.True(201 == (await broker.PostWithAsync(broker.Issuer.Sign(), path)).Status, shape.Shape);
            Assert.True(201 == (await broker.PostWithAsync(broker.Issuer.Sign(new { sub = "vm-2" }), path)).Status, shape.Shape);
            (await broker.PostWithAsync(broker.Issuer.Sign(), path)).IsUsedUp();
            Assert.True(redis.Scripts > asked + 1, shape.Shape);
            Assert.True(Told(broker) > told, shape.Shape);
        }

        Assert.DoesNotContain("Something could not be shared", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(":99999999999999999999999\r\n", "a number that is none")]
    [InlineData("?\r\n", "no answer of the protocol")]
    public async Task Nor_does_one_that_does_not_speak_Redis(string answer, string shape)
    {
        await using var redis = new OddRedis(_ => answer);
        await using var broker = await StartAsync(redis);
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign())).IsUsedUp();
        Assert.True(redis.Scripts > 0, shape);
    }

    [Fact]
    public async Task A_lock_that_never_expires_or_changes_is_ignored()
    {
        // Every script is answered in its own shape, and yet nobody would ever mint.
        await using var redis = new OddRedis(words => words[2] switch
        {
            "3" when words[1].Contains(
                "taken",
                StringComparison.Ordinal) => OddRedis.List(":0\r\n", Nil, Nil, OddRedis.Bulk("another"), ":-1\r\n"),
            "1" when words[1].Contains("zcount", StringComparison.Ordinal) => OddRedis.List(":1\r\n"),
            _ => ":0\r\n",
        });
        await using var broker = await StartAsync(redis);
        (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
    }

    [Fact]
    public async Task Doctor_reports_it()
    {
        await using var redis = new OddRedis(_ => OddRedis.List(":1\r\n"));
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.Configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = redis.Address };
        fixture.Configuration["TokenCache"] = new JsonObject
        {
            ["EncryptionKeys"] = new JsonArray(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        };
        (await fixture.RunDoctorAsync()).IsOnly("FAULT", $"Redis: {redis.Address} gave a malformed reply to a script", "it may be a proxy");
    }

    private static int Told(TestBroker broker) =>
        broker.Logs.Lines.Count(line => line.Message.StartsWith("Redis gave a malformed reply to a script", StringComparison.Ordinal));

    private static Task<TestBroker> StartAsync(OddRedis redis) => TestBroker.StartAsync((configuration, _) =>
    {
        GrantPolicies.Replace(configuration, One);
        configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = redis.Address };
        configuration["TokenCache"] = new JsonObject
        {
            ["EncryptionKeys"] = new JsonArray(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        };
    });
}
