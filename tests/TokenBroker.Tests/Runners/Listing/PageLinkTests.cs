using System.Text.Json.Nodes;

namespace TokenBroker.Tests.Runners.Listing;

public sealed class PageLinkTests
{
    private static readonly (string Name, string Value)[] Forwarded =
    [
        ("X-Forwarded-For", "192.0.2.7"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "runners.example"),
        ("X-Forwarded-Prefix", "/broker"),
    ];

    [Theory]
    [InlineData("")]
    [InlineData("/api/v3")]
    public async Task A_trusted_proxys_word_on_the_address_is_taken(string prefix)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
            configuration["ForwardedHeaders"] = new JsonObject { ["KnownNetworks"] = new JsonArray("127.0.0.0/8", "::1/128") });
        var answer = await AskAsync(broker, prefix);
        Assert.Equal(
            $"https://runners.example/broker{prefix}/orgs/octo-org/actions/runners?per_page=1&page=2",
            answer.Link("next")?.ToString());
        Assert.Equal(
            $"https://runners.example/broker{prefix}/orgs/octo-org/actions/runners?per_page=1&page=3",
            answer.Link("last")?.ToString());
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "")]
    [InlineData(true, "/api/v3")]
    public async Task Those_of_any_other_issuer_are_not(bool hasProxy, string prefix)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            if (hasProxy)
                configuration["ForwardedHeaders"] = new JsonObject { ["KnownProxies"] = new JsonArray("192.0.2.1") };
        });
        var answer = await AskAsync(broker, prefix);
        Assert.Equal(new Uri(broker.Address, $"{prefix}/orgs/octo-org/actions/runners?per_page=1&page=2"), answer.Link("next"));
    }

    [Fact]
    public async Task Each_relation_leads_to_its_page_with_what_was_asked_for()
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.GetAsync(RunnerApi.Organization + "?per_page=1&page=2")).Is(200);
        foreach (var (relation, page) in new[] { ("prev", 1), ("next", 3), ("last", 3), ("first", 1) })
            Assert.Equal($"?per_page=1&page={page}", answer.Link(relation)?.Query);
        Assert.DoesNotContain(broker.GitHub.Address.Authority, answer.Header("Link"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_that_the_client_came_by_stays_and_one_page_has_no_links()
    {
        await using var broker = await TestBroker.StartAsync();
        var named = await broker.SendAsync(
            "GET",
            RunnerApi.Organization + "?per_page=1",
            change: request => request.Headers.Host = "broker.internal:8080");
        Assert.Equal("http://broker.internal:8080" + RunnerApi.Organization + "?per_page=1&page=2", named.Link("next")?.ToString());
        Assert.Null((await broker.GetAsync(RunnerApi.Organization)).Is(200).Header("Link"));
    }

    private static async Task<ApiResponse> AskAsync(TestBroker broker, string prefix) =>
        (await broker.SendAsync("GET", $"{prefix}{RunnerApi.Organization}?per_page=1", change: request =>
        {
            foreach (var (name, value) in Forwarded)
                request.Headers.TryAddWithoutValidation(name, value);
        })).Is(200);
}
