using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Auditing;

/// <summary>Nothing that a caller sends breaks a line, hides in it, or makes it long.</summary>
public sealed class AuditLineTests
{
    private const string Token = RunnerApi.Organization + "/registration-token";

    public static TheoryData<string, string> Texts => new()
    {
        { "a line's end", "vm-1\n{\"event\":\"token-broker.audit\",\"outcome\":\"granted\"}" },
        { "the other one", "vm-1\r\nevil" },
        { "the ends of lines that only some know", "vm-1\u2028evil\u2029evil\u0085evil\u000bevil" },
        { "a quote", "vm-1\",\"outcome\":\"granted" },
        { "a backslash", "vm-1\\\",\\u0022" },
        { "what is hidden or turns the line round", "vm-1\u202e\u200b\u0000\u001b[2K\u007f" },
        { "no ASCII", "vm-1 ä 漢 🚀" },
        { "too much", "vm-" + new string('x', 2_000) },
        { "too much, in pairs", "vm-" + string.Concat(Enumerable.Repeat("🚀", 150)) },
        { "too much, in pairs, beginning elsewhere", "vm--" + string.Concat(Enumerable.Repeat("🚀", 150)) },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_claim_is_one_text_in_one_line(string what, string text)
    {
        Assert.NotEmpty(what);
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
            configuration["Authentication"]!["Issuers"]!["sandbox"]!["AuditClaims"] = new JsonArray("/machine/name", "/machine", "/list"));
        using var response = await broker.PostAsync(
            Token,
            broker.Issuer.Sign(new { sub = text, jti = text, machine = new { name = text }, list = new[] { text } }));
        var told = await broker.Audit.ExchangeAsync();

        // The token's mint and its exchange: no more lines than these.
        Assert.Equal(2, broker.Audit.Text.Count(character => character == '\n'));
        Assert.All(
            broker.Audit.Text,
            character => Assert.True(character is '\n' or (>= ' ' and < '\u007f'), $"The line holds {(int)character:x}."));
        Assert.All(broker.Audit.Lines, line => Assert.InRange(line.Length, 1, 12_000));
        var claims = told["claims"]!;
        foreach (var kept in new[] { told["subject"], told["caller_id"], told["jwt_id"], claims["/machine/name"] }
            .Select(member => (string)member!))
        {
            Assert.Equal(text.Length <= 256, kept == text);
            if (kept != text)
            {
                Assert.InRange(kept.Length, 255, 256);
                Assert.EndsWith("…", kept, StringComparison.Ordinal);
                Assert.StartsWith(kept[..^1], text, StringComparison.Ordinal);
                Assert.False(char.IsHighSurrogate(kept[^2]));
            }
        }

        Assert.Equal(JsonValueKind.String, claims["/machine"]!.GetValueKind());
        Assert.StartsWith("{\"name\":", (string?)claims["/machine"], StringComparison.Ordinal);
        Assert.InRange(((string)claims["/list"]!).Length, 3, 256);
    }

    [Fact]
    public async Task Claims_are_reported_where_they_are_listed_and_present()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
            configuration["Authentication"]!["Issuers"]!["sandbox"]!["AuditClaims"] = new JsonArray(
                "/google/compute_engine/instance_name",
                "number",
                "yes",
                "nothing",
                "absent"));
        var jwt = broker.Issuer.Sign(new
        {
            sub = "vm-1",
            google = new { compute_engine = new { instance_name = "builder-7", zone = "secret-zone" } },
            number = 4520031799277581759,
            yes = true,
            nothing = (string?)null,
        });
        using var response = await broker.PostAsync(Token, jwt);
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal(
            """{"/google/compute_engine/instance_name":"builder-7","number":4520031799277581759,"yes":true}""",
            told["claims"]!.ToJsonString());
        Assert.DoesNotContain("secret-zone", broker.Audit.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/orgs/octo-org%0a%7b%22event%22:1%7d/actions/runners/registration-token")]
    [InlineData("/orgs/octo-org%E2%80%A8x/actions/runners/registration-token")]
    [InlineData("/orgs/octo-org%22,%22outcome%22:%22granted/actions/runners/registration-token")]
    public async Task A_path_is_one_text_in_one_line(string path)
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.SendAsWrittenAsync("POST", path)).Is(400);
        var told = await broker.Audit.ExchangeAsync();
        Assert.Equal("refused", (string?)told["outcome"]);
        Assert.Equal(1, broker.Audit.Text.Count(character => character == '\n'));
        Assert.StartsWith("/orgs/octo-org", (string?)told["path"], StringComparison.Ordinal);
    }
}
