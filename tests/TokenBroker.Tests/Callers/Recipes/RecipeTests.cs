using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>The configurations of docs/callers.md, as they stand there, let in whom they are for and nobody who only looks alike.</summary>
public sealed class RecipeTests(RunningRecipes recipes) : IClassFixture<RunningRecipes>
{
    public static TheoryData<string> Names => [.. Platforms.All.Select(platform => platform.Name)];

    public static TheoryData<string, string> NearMisses =>
        [.. Platforms.All
            .SelectMany(platform => platform.NearMisses.Select(miss => new TheoryDataRow<string, string>(platform.Name, miss.Why)))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Its_token_is_accepted(string name)
    {
        var platform = Find(name);
        var broker = await recipes.StartAsync(platform);
        await broker.IsServedAsync(Sign(broker, platform), platform.Path);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_caller_sees_who_it_is_and_that_its_policy_matches(string name)
    {
        var platform = Find(name);
        var broker = await recipes.StartAsync(platform);
        var caller = await CallerAsync(broker, Sign(broker, platform));
        Assert.Equal(platform.CallerId, caller.GetProperty("caller_id").GetString());
        Assert.Contains(caller.GetProperty("policies").EnumerateArray(), policy => policy.GetProperty("matches").GetBoolean());
    }

    [Theory]
    [MemberData(nameof(NearMisses))]
    public async Task A_near_miss_is_refused(string name, string why)
    {
        var platform = Find(name);
        var broker = await recipes.StartAsync(platform);
        var miss = platform.NearMisses.Single(miss => miss.Why == why);
        using var answer = await broker.PostJwtAsync(Sign(broker, platform, miss), platform.Path);
        if (miss.Detail is not null)
        {
            await AuthenticationAssertions.IsRefusalAsync(answer, miss.Detail);
            return;
        }

        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, body.ToString());
        Assert.Equal("urn:token-broker:problem:policy-denied", body.GetProperty("type").GetString());
    }

    [Fact]
    public void Every_recipe_of_the_page_is_tried() => Assert.Equal(
        CallersPage.Recipes.Order(StringComparer.Ordinal),
        Platforms.All.Select(platform => platform.Heading).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_issuer_stands_on_the_page(string name)
    {
        var platform = Find(name);
        var issuers = CallersPage.Configuration(platform.Heading)["Authentication"]!["Issuers"]!.AsObject();
        Assert.Contains(issuers, issuer => (string?)(issuer.Value!["Issuer"] ?? issuer.Value["Authority"]) == platform.Issuer);
        Assert.Equal(platform.Issuer, (string?)platform.Claims(0)["iss"]);
    }

    private static Platform Find(string name) => Platforms.All.Single(platform => platform.Name == name);

    private static string Sign(TestBroker broker, Platform platform, NearMiss? miss = null)
    {
        var claims = platform.Claims(broker.Clock!.GetUtcNow().ToUnixTimeSeconds());
        miss?.Change(claims);
        foreach (var standard in new[] { "iss", "aud", "sub", "iat", "nbf", "exp", "jti" })
            claims.TryAdd(standard, null);
        var own = broker.Issuer.SigningKey;
        return broker.Issuer.Sign(
            claims,
            new { typ = platform.Type },
            key: miss is { IsByAnotherKey: true } ? SandboxSigningKey.Create(own.Algorithm, own.KeyId) : own);
    }

    private static async Task<JsonElement> CallerAsync(TestBroker broker, string jwt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/caller");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + jwt);
        using var response = await broker.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
