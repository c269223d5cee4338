using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Callers;

/// <summary>What a caller is told of itself, and of the policies.</summary>
public sealed class CallerTests
{
    [Theory]
    [InlineData("/caller")]
    [InlineData("/api/v3/caller")]
    public async Task A_caller_sees_who_it_is_and_what_it_may_have(string path)
    {
        await using var broker = await TestBroker.StartAsync(clock: new ManualClock());
        var caller = await GetAsync(broker, path, broker.Issuer.Sign());
        Assert.Equal("sandbox", caller.GetProperty("issuer").GetString());
        Assert.Equal("vm-1", caller.GetProperty("subject").GetString());
        Assert.Equal("vm-1", caller.GetProperty("caller_id").GetString());
        Assert.Equal(
            broker.Clock!.GetUtcNow() + TimeSpan.FromHours(1),
            caller.GetProperty("expires_at").GetDateTimeOffset(),
            TimeSpan.FromSeconds(1));
        var policy = Assert.Single(caller.GetProperty("policies").EnumerateArray());
        Assert.True(policy.GetProperty("matches").GetBoolean());
        Assert.Equal("sandbox-machines", policy.GetProperty("name").GetString());
        Assert.Contains("orgs/octo-org", policy.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
        Assert.Contains("jitconfig", policy.GetProperty("operations").EnumerateArray().Select(operation => operation.GetString()));
        Assert.Equal(1, policy.GetProperty("runners").GetProperty("group_ids")[0].GetInt64());
    }

    [Fact]
    public async Task One_policy_that_a_single_claim_misses_is_shown_without_what_it_expects()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            var policies = configuration["Authorization"]!["Policies"]!.AsObject();
            policies.Clear();
            policies["two-away"] = Policy(("project", "secret-project"), ("zone", "secret-zone"));
            policies["a-claim-away"] = Policy(("sub", "vm-*"), ("zone", "secret-zone"));
            policies["other-one-away"] = Policy(("sub", "vm-*"), ("project", "secret-project"));
        });
        var caller = await GetAsync(broker, "/caller", broker.Issuer.Sign(new JsonObject { ["sub"] = "vm-1", ["zone"] = "mine" }));
        var policy = Assert.Single(caller.GetProperty("policies").EnumerateArray());
        Assert.Equal("""{"name":"a-claim-away","matches":false,"claim":"zone","value":"mine"}""", policy.GetRawText());
        Assert.DoesNotContain("secret", caller.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_jwt_nothing_is_revealed()
    {
        await using var broker = await TestBroker.StartAsync();
        using var response = await broker.Client.GetAsync("/caller");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_policy_asks_for_more_life()
    {
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) =>
                configuration["Authorization"]!["Policies"]!["sandbox-machines"]!["MinimumRemainingLifetime"] = "00:40:00",
            new ManualClock());
        const string Path = "/orgs/octo-org/actions/runners/registration-token";
        Assert.Equal(HttpStatusCode.Created, (await broker.PostAsync(Path)).StatusCode);
        broker.Clock!.Advance(TimeSpan.FromMinutes(21));
        using var answer = await broker.PostAsync(Path);
        Assert.Equal("token-broker; fwd=miss", answer.Headers.GetValues("Cache-Status").Single());
    }

    private static JsonObject Policy(params (string Claim, string Pattern)[] claims) => new()
    {
        ["Issuer"] = "sandbox",
        ["Claims"] = new JsonArray(
            [.. claims.Select(claim => new JsonObject { ["Claim"] = claim.Claim, ["Matches"] = new JsonArray(claim.Pattern) })]),
        ["Scopes"] = new JsonArray("orgs/octo-org"),
        ["Operations"] = new JsonArray("registration-token"),
    };

    private static async Task<JsonElement> GetAsync(TestBroker broker, string path, string jwt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + jwt);
        using var response = await broker.RunAsync(broker.Client.SendAsync(request));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
