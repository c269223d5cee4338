using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Tests.Testing;

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
        await Eventually.IsTrueAsync(async () => await StatusAsync(broker) == HttpStatusCode.Created, "the first version was in force again");
        Assert.Equal("ok", await PoliciesAsync(broker));
    }

    [Theory]
    [InlineData("{ \"Authorization\": ", "half written")]
    [InlineData("", "empty")]
    [InlineData("{}", "without policies")]
    [InlineData("""{ "Authorization": { "Policies": { "p": { "Issuer": "sandbox", "Scopes": ["orgs/octo-org"], "Operations": ["read"] } } } }""", "a policy without claims")]
    [InlineData("""{ "Authorization": { "Policies": { "p": { "Issuer": "new", "Claims": [{ "Claim": "sub", "Matches": ["vm-*"] }], "Scopes": ["orgs/octo-org"], "Operations": ["read"] } } } }""", "an issuer that does not run")]
    [InlineData("""{ "Authorization": { "Policies": { "p": { "Issuer": "sandbox", "Claims": [{ "Claim": "sub", "Matches": ["vm-*"] }], "Scopes": ["orgs/octo-org"], "Operations": ["read"], "Typo": 1 } } } }""", "an unknown key")]
    public async Task A_faulty_version_is_refused_whole_and_the_one_before_goes_on(string text, string why)
    {
        var configuration = new JsonObject();
        await using var broker = await StartAsync(configuration);
        Change(broker, text);
        await Eventually.IsTrueAsync(async () => await PoliciesAsync(broker) == "degraded", "the version was refused: " + why);
        Assert.Equal(HttpStatusCode.Created, await StatusAsync(broker));
        Assert.Contains("its policies are refused", broker.Logs.Text, StringComparison.Ordinal);

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
