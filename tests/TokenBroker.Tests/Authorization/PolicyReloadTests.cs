using System.Net;
using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Authorization;

/// <summary>Policies that change while the broker runs.</summary>
public sealed class PolicyReloadTests
{
    private const string Path = "/orgs/octo-org/actions/runners/registration-token";
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_new_version_is_in_force_within_seconds_and_takes_away_what_it_no_longer_allows()
    {
        var configuration = new JsonObject();
        await using var broker = await StartAsync(configuration);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker));

        Claim(configuration)["Matches"] = new JsonArray("nobody");
        Change(broker, configuration.ToJsonString());
        await Eventually.IsTrueAsync(async () => await StatusAsync(broker) == HttpStatusCode.Forbidden, "the new version was in force");

        Claim(configuration)["Matches"] = new JsonArray("vm-*");
        Change(broker, configuration.ToJsonString());
        await Eventually.IsTrueAsync(
            async () => await StatusAsync(broker) == HttpStatusCode.Created,
            "the first version was in force again");
        Assert.Equal("ok", await PoliciesAsync(broker));
    }

    /// <summary>Booleans of the new version, too, are read as they are written.</summary>
    [Fact]
    public async Task A_rule_on_a_boolean_denies_in_a_new_version()
    {
        var configuration = new JsonObject();
        await using var broker = await StartAsync(configuration);
        configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["DenyClaims"] = JsonNode.Parse(
            """[ { "Claim": "trusted", "Matches": [ true ] } ]""");
        Change(broker, configuration.ToJsonString());
        await Eventually.IsTrueAsync(
            () => broker.Logs.Text.Contains("policies are in force", StringComparison.Ordinal),
            "the new version was in force");
        using var answer = await broker.PostAsync(Path, broker.Issuer.Sign(new { trusted = true }));
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker));
    }

    [Fact]
    public async Task Changes_beside_the_policies_are_reported_to_need_a_restart()
    {
        var configuration = new JsonObject();
        await using var broker = await StartAsync(configuration);
        configuration["Authentication"]!["Issuers"]!["sandbox"]!["MaximumTokenAge"] = "00:05:00";
        configuration["Shutdown"] = new JsonObject { ["Delay"] = "00:00:07" };
        Change(broker, configuration.ToJsonString());
        await Eventually.IsTrueAsync(() => broker.Logs.Text.Contains(
            "The configuration file also changed in Authentication, Shutdown, which is read at the next start",
            StringComparison.Ordinal), "it was told");
        Assert.Contains(
            "other sections of the file changed too and are read at the next start",
            await broker.Client.GetStringAsync("/readyz"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"a\": 1, \"A\": 2 }", "the file has the key 'A' twice.")]
    [InlineData("{ \"a\": ", "the file is not JSON: ")]
    public async Task A_version_that_cannot_be_read_is_reported_as_at_the_start(string text, string fault)
    {
        await using var broker = await StartAsync([]);
        Change(broker, text);
        await Eventually.IsTrueAsync(
            () => broker.Logs.Text.Contains(
                "its policies were rejected; the previous policies stay in force: " + fault,
                StringComparison.Ordinal),
            "it was told");
    }

    [Theory]
    [InlineData("{ \"Authorization\": ", "half written")]
    [InlineData("", "empty")]
    [InlineData("{}", "without policies")]
    [InlineData(
        """{ "Authorization": { "Policies": { "p": { "Issuer": "sandbox", "Scopes": ["orgs/octo-org"], "Operations": ["read"] } } } }""",
        "a policy without claims")]
    [InlineData("""{ "Authorization": { "Policies": { "p": { "Issuer": "new", "Claims": [{ "Claim": "sub", "Matches": """
        + """["vm-*"] }], "Scopes": ["orgs/octo-org"], "Operations": ["read"] } } } }""", "an issuer that does not run")]
    [InlineData("""{ "Authorization": { "Policies": { "p": { "Issuer": "sandbox", "Claims": [{ "Claim": "sub", "Matches": ["vm-*"] """
        + """}], "Scopes": ["orgs/octo-org"], "Operations": ["read"], "Typo": 1 } } } }""", "an unknown key")]
    public async Task A_faulty_version_is_refused_whole_and_the_one_before_goes_on(string text, string why)
    {
        var configuration = new JsonObject();
        await using var broker = await StartAsync(configuration);
        Change(broker, text);
        await Eventually.IsTrueAsync(async () => await PoliciesAsync(broker) == "degraded", "the version was refused: " + why);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker));
        Assert.Contains("its policies were rejected", broker.Logs.Text, StringComparison.Ordinal);

        Change(broker, configuration.ToJsonString());
        await Eventually.IsTrueAsync(async () => await PoliciesAsync(broker) == "ok", "a good version was taken");
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker));
    }

    private static Task<TestBroker> StartAsync(JsonObject copy) => TestBroker.StartAsync(
        (configuration, _) =>
        {
            foreach (var (key, value) in configuration)
                copy[key] = value?.DeepClone();
        },
        new ManualClock());

    private static JsonObject Claim(JsonObject configuration) =>
        configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["Claims"]![0]!.AsObject();

    private static void Change(TestBroker broker, string text)
    {
        broker.WriteFile("broker.json", text);
        broker.Clock!.Advance(Poll);
    }

    private static async Task<HttpStatusCode> StatusAsync(TestBroker broker)
    {
        using var answer = await broker.PostAsync(Path);
        return answer.StatusCode;
    }

    private static async Task<string> PoliciesAsync(TestBroker broker)
    {
        var ready = JsonNode.Parse(await broker.Client.GetStringAsync("/readyz"))!;
        return (string)ready["checks"]!["policies"]!["status"]!;
    }
}
