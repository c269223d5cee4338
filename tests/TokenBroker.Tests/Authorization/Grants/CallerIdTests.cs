using System.Text.Json;
using System.Text.Json.Nodes;
using TokenBroker.Authentication;
using TokenBroker.Tests.Commands;

namespace TokenBroker.Tests.Authorization.Grants;

/// <summary>Whom grants are counted for: who does not say who it is gets none, and nobody is taken for somebody else.</summary>
public sealed class CallerIdTests
{
    private const string One = """{ "Grants": { "Count": 1, "Within": "01:00:00" } }""";

    [Theory]
    [InlineData("""{"sub":"5","id":"5"}""", "5", null)]
    [InlineData("""{"sub":"5","id":5}""", "#5", null)]
    [InlineData("""{"sub":"5","id":5.0}""", "#5.0", null)]
    [InlineData("""{"sub":"5","id":true}""", "#true", null)]
    [InlineData("""{"sub":"5"}""", "sub:5", "/id")]
    [InlineData("""{"sub":"5","id":null}""", "sub:5", "/id")]
    [InlineData("""{"id":null}""", "sub:", "/id")]
    [InlineData("""{"sub":"5","id":"#5"}""", "\\#5", null)]
    [InlineData("""{"sub":"5","id":"sub:5"}""", "\\sub:5", null)]
    [InlineData("""{"sub":"5","id":"\\#5"}""", "\\\\#5", null)]
    [InlineData("""{"sub":"5","id":["5"]}""", "#[\"5\"]", null)]
    [InlineData("""{"sub":"5","id":"[\"5\"]"}""", "[\"5\"]", null)]
    public void A_callers_id_shows_the_kind_of_each_claim(string claims, string id, string? missing)
    {
        var identity = CallerIdentity.Read([Pointer("/id")], JsonElement.Parse(claims));
        Assert.Equal((id, missing), (identity.Id, identity.Missing?.Text));
    }

    [Theory]
    [InlineData("""{"a":"1","b":"2"}""", "1|2", null)]
    [InlineData("""{"a":1,"b":"2"}""", "#1|2", null)]
    [InlineData("""{"a":"1|2","b":"3"}""", "1\\|2|3", null)]
    [InlineData("""{"a":"1","b":"2|3"}""", "1|2\\|3", null)]
    [InlineData("""{"sub":"x","a":"1","b":null}""", "sub:x", "/b")]
    public void Several_claims_are_one_id_and_one_that_is_missing_is_named(string claims, string id, string? missing)
    {
        var identity = CallerIdentity.Read([Pointer("/a"), Pointer("/b")], JsonElement.Parse(claims));
        Assert.Equal((id, missing), (identity.Id, identity.Missing?.Text));
    }

    [Theory]
    [InlineData("""{"sub":"5"}""", "5", null)]
    [InlineData("""{"sub":"sub:5"}""", "sub:5", null)]
    [InlineData("""{"sub":5}""", "", "sub")]
    [InlineData("""{"sub":null}""", "", "sub")]
    [InlineData("{}", "", "sub")]
    public void By_default_it_is_sub(string claims, string id, string? missing)
    {
        var identity = CallerIdentity.Read([], JsonElement.Parse(claims));
        Assert.Equal((id, missing), (identity.Id, identity.Missing?.Text));
    }

    [Fact]
    public async Task A_number_and_a_text_are_counted_apart()
    {
        await using var broker = await StartAsync(One);
        foreach (var claims in new[] { """{ "sub": "vm-5", "id": 5 }""", """{ "sub": "vm-5", "id": "5" }""" })
        {
            var jwt = broker.Issuer.Sign(JsonNode.Parse(claims)!.AsObject());
            (await broker.PostWithAsync(jwt)).Is(201);
            (await broker.PostWithAsync(jwt)).IsUsedUp();
        }
    }

    [Theory]
    [InlineData("""{ "sub": "vm-1" }""", GrantPolicies.Registration)]
    [InlineData("""{ "sub": "vm-1", "id": null }""", GrantPolicies.Registration)]
    [InlineData("""{ "sub": "vm-1" }""", GrantPolicies.Remove)]
    public async Task A_caller_without_an_ID_gets_nothing_that_is_counted(string claims, string path)
    {
        await using var broker = await StartAsync(One);
        var jwt = broker.Issuer.Sign(JsonNode.Parse(claims)!.AsObject());
        (await broker.PostWithAsync(jwt, path)).IsFailure(403, "policy-denied");
        Assert.Equal(0, broker.GitHub.Requests.InstallationTokens);
        Assert.Contains(
            $"Denied caller 'sub:vm-1' of issuer 'sandbox': {path.Split('/')[^1]} on orgs/octo-org (the policy "
                + $"counts grants, and the JWT lacks /id, which its issuer's CallerId names)",
            broker.Logs.Text,
            StringComparison.Ordinal);
        Assert.Equal("caller-id-missing", (string?)(await broker.Audit.ExchangeAsync())["policy_reason"]);

        var (code, output, _) = await ExplainAsync(broker, jwt, path.Split('/')[^1]);
        Assert.Equal(1, code);
        Assert.StartsWith("DENIED: ", output, StringComparison.Ordinal);
        Assert.Contains(
            "  claim /id is missing; expected: any value, because the policy's Grants are "
                + "counted by the issuer's CallerId, which includes it",
            output,
            StringComparison.Ordinal);

        var (unverified, lines, _) = await ExplainAsync(broker, jwt, path.Split('/')[^1], "--unverified");
        Assert.Equal(1, unverified);
        Assert.Contains("  claim /id is missing; ", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_CallerId_it_is_sub_that_must_be_there()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With("""
            { "Claims": [ { "Claim": "pool", "Matches": [ "a" ] } ], "Grants": { "Count": 1, "Within": "01:00:00" } }
            """));
        (await broker.PostWithAsync(broker.Issuer.Sign(JsonNode.Parse("""{ "sub": null, "pool": "a" }""")!.AsObject()))).IsFailure(
            403,
            "policy-denied");
        Assert.Contains("the JWT lacks sub, which its issuer's CallerId names", broker.Logs.Text, StringComparison.Ordinal);
        (await broker.PostWithAsync(broker.Issuer.Sign(new { pool = "a" }))).Is(201);
    }

    [Fact]
    public async Task What_is_not_counted_it_still_gets()
    {
        await using var broker = await StartAsync(One);
        (await broker.GetAsync(RunnerApi.Organization)).Is(200);
        (await broker.SendAsync("POST", RunnerApi.Jit, new { name = "vm-1", runner_group_id = 1, labels = new[] { "x" } })).IsFailure(
            403,
            "policy-denied");

        await using var both = await StartAsync(One, """{ "Operations": [ "registration-token" ] }""");
        for (var times = 0; times < 2; times++)
            (await both.PostWithAsync(both.Issuer.Sign())).Is(201);
        Assert.Contains("registration-token on orgs/octo-org by policy policy-1", both.Logs.Text, StringComparison.Ordinal);
    }

    private static Task<TestBroker> StartAsync(params string[] policies) => TestBroker.StartAsync((configuration, _) =>
    {
        GrantPolicies.Replace(configuration, policies);
        configuration["Authentication"]!["Issuers"]!["sandbox"]!["CallerId"] = new JsonArray("/id");
    });

    private static async Task<(int Code, string Output, string Errors)> ExplainAsync(
        TestBroker broker,
        string jwt,
        string operation,
        params string[] more)
    {
        string[] line =
        [
            "explain",
            "--config",
            broker.ConfigurationPath,
            "--token-file",
            broker.WriteFile("jwt", jwt),
            "--scope",
            "orgs/octo-org",
            "--operation",
            operation,
        ];
        return await CommandLineTests.RunAsync([.. line, .. more]);
    }

    private static ClaimPointer Pointer(string text) =>
        ClaimPointer.TryParse(text, out var pointer) ? pointer : throw new FormatException();
}
