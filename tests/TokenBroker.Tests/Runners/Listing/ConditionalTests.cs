using System.Globalization;
using System.Net;
using System.Text;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Listing;

public sealed class ConditionalTests
{
    [Theory]
    [InlineData("/orgs/octo-org/actions/runners")]
    [InlineData("/api/v3/orgs/octo-org/actions/runners?per_page=1")]
    [InlineData("/enterprises/octo-ent/actions/runners")]
    [InlineData("/orgs/octo-org/actions/runners/{id}")]
    [InlineData("/orgs/octo-org/actions/runners/{id}/labels")]
    [InlineData("/orgs/octo-org/actions/runners/deprecations/2.300.0")]
    public async Task What_did_not_change_is_304_without_a_body(string path)
    {
        await using var broker = await TestBroker.StartAsync();
        path = path.Replace("{id}", Id(broker), StringComparison.Ordinal);
        var first = (await broker.GetAsync(path)).Is(200);
        var tag = first.Header("ETag");
        Assert.StartsWith("W/\"", tag, StringComparison.Ordinal);
        Assert.Equal("no-cache, private", first.Header("Cache-Control"));
        Assert.Contains("Authorization", first.Header("Vary"), StringComparison.Ordinal);

        foreach (var sent in new[] { tag, $"\"other\", {tag}", "*" })
        {
            var again = (await broker.GetAsync(path, sent)).Is(304);
            Assert.Empty(again.Bytes);
            Assert.Equal(tag, again.Header("ETag"));
        }

        (await broker.GetAsync(path, "\"other\"")).Is(200);
    }

    [Fact]
    public async Task What_did_change_is_sent_anew()
    {
        await using var broker = await TestBroker.StartAsync();
        var path = $"{RunnerApi.Organization}/{Id(broker)}";
        var tag = (await broker.GetAsync(path)).Header("ETag");
        broker.GitHub.Runners.Change("orgs/octo-org", broker.RunnerOf("octo-org-runner-1").Id, runner => runner with { Busy = true });
        var changed = (await broker.GetAsync(path, tag)).Is(200);
        Assert.True(changed.Json.GetProperty("busy").GetBoolean());
        Assert.NotEqual(tag, changed.Header("ETag"));
    }

    [Fact]
    public async Task It_does_not_count_against_GitHubs_limit()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.RateLimit = 3;
        var tag = (await broker.GetAsync(RunnerApi.Organization)).Is(200).Header("ETag");
        for (var time = 0; time < 10; time++)
            (await broker.GetAsync(RunnerApi.Organization, tag)).Is(304);
        Assert.Equal(11, broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerList).Count);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("\"open")]
    [InlineData("nonsense, \"a\"")]
    [InlineData(",")]
    [InlineData("w/\"lower\"")]
    public async Task One_that_cannot_be_read_is_ignored(string sent)
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.UnknownFields);
        (await broker.GetAsync(RunnerApi.Organization, sent)).Is(200);
        (await broker.GetAsync(RunnerApi.Organization + "/downloads", sent)).Is(200);
    }

    [Fact]
    public async Task One_beyond_ASCII_is_ignored()
    {
        await using var broker = await TestBroker.StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 })
        {
            BaseAddress = broker.Address,
        };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + broker.Issuer.Sign());
        client.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", "\"é\"");
        using var answer = await client.GetAsync(RunnerApi.Organization);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerList));
    }

    [Fact]
    public async Task One_that_is_too_long_is_ignored()
    {
        await using var broker = await TestBroker.StartAsync();
        var tag = (await broker.GetAsync(RunnerApi.Organization)).Header("ETag");
        (await broker.GetAsync(RunnerApi.Organization, $"\"{new string('a', 1024)}\", {tag}")).Is(200);
    }

    private static string Id(TestBroker broker) => broker.RunnerOf("octo-org-runner-1").Id.ToString(CultureInfo.InvariantCulture);
}
