using System.Globalization;
using System.Text;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Listing;

public sealed class ListTests
{
    [Theory]
    [MemberData(nameof(RunnerApi.Scopes), MemberType = typeof(RunnerApi))]
    public async Task Following_every_link_finds_every_runner_at_the_broker(string prefix, string scope)
    {
        await using var broker = await TestBroker.StartAsync();
        for (var number = broker.GitHub.Runners.List(scope).Count; number < 250; number++)
            broker.GitHub.Runners.Add(scope, "vm-" + number);

        var path = $"{prefix}/{scope}/actions/runners";
        var found = new List<long>();
        var pages = 0;
        for (var next = (Uri?)new Uri(broker.Address, path + "?per_page=40"); next is not null; pages++)
        {
            Assert.Equal(broker.Address.Authority, next.Authority);
            Assert.Equal(path, next.AbsolutePath);
            var answer = (await broker.GetAsync(next.PathAndQuery)).Is(200);
            Assert.Equal("application/json; charset=utf-8", answer.Header("Content-Type"));
            Assert.Equal(250, answer.Json.GetProperty("total_count").GetInt32());
            found.AddRange(answer.Json.GetProperty("runners").EnumerateArray().Select(runner => runner.GetProperty("id").GetInt64()));
            next = answer.Link("next");
        }

        Assert.Equal(7, pages);
        Assert.Equal(broker.GitHub.Runners.List(scope).Select(runner => runner.Id), found);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("?per_page=7", "?per_page=7")]
    [InlineData("?per_page=100", "?per_page=100")]
    [InlineData("?per_page=101", "?per_page=100")]
    [InlineData("?per_page=2000000000", "?per_page=100")]
    [InlineData("?page=3&per_page=2", "?per_page=2&page=3")]
    [InlineData("?name=vm%201%26page%3D2", "?name=vm%201%26page%3D2")]
    [InlineData("?name=%C3%A4", "?name=%C3%A4")]
    [InlineData("?name=", "?name=")]
    [InlineData("?direction=up&per_page=5", "?per_page=5")]
    public async Task GitHub_receives_the_request_of_the_caller_and_nothing_else(string asked, string passedOn)
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.GetAsync(RunnerApi.Organization + asked)).Is(200);
        Assert.Equal(passedOn, broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerList).Single().Query);
    }

    [Theory]
    [InlineData("?per_page=0", "per_page:invalid")]
    [InlineData("?per_page=-1", "per_page:invalid")]
    [InlineData("?per_page=1.5", "per_page:invalid")]
    [InlineData("?per_page=+5", "per_page:invalid")]
    [InlineData("?per_page=", "per_page:invalid")]
    [InlineData("?per_page=all&page=first", "per_page:invalid page:invalid")]
    [InlineData("?page=0", "page:invalid")]
    [InlineData("?page=99999999999999999999", "page:invalid")]
    [InlineData("?page=1&page=2", "page:invalid")]
    [InlineData("?name=a%0ab", "name:invalid")]
    [InlineData("?name=a&name=b", "name:invalid")]
    public async Task A_bad_value_is_400_and_named(string query, string fields)
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal(fields, (await broker.GetAsync(RunnerApi.Organization + query)).IsFailure(400, "invalid-request").Fields);
        Assert.Equal(fields, (await broker.GetAsync("/api/v3" + RunnerApi.Organization + query)).IsFailure(400, "invalid-request").Fields);
        Assert.Equal(0, broker.GitHub.Requests.Total);
    }

    [Theory]
    [InlineData(256, 200)]
    [InlineData(257, 400)]
    public async Task A_name_has_its_bound(int length, int status)
    {
        await using var broker = await TestBroker.StartAsync();
        (await broker.GetAsync($"{RunnerApi.Organization}?name={new string('a', length)}")).Is(status);
    }

    [Fact]
    public async Task A_name_finds_its_runner()
    {
        await using var broker = await TestBroker.StartAsync();
        var answer = (await broker.GetAsync(RunnerApi.Organization + "?name=octo-org-runner-2")).Is(200);
        Assert.Equal(
            "octo-org-runner-2",
            Assert.Single(answer.Json.GetProperty("runners").EnumerateArray()).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/{id}")]
    [InlineData("/{id}/labels")]
    [InlineData("/downloads")]
    [InlineData("/deprecations/2.300.0")]
    public async Task What_GitHub_adds_one_day_reaches_the_caller_byte_for_byte(string below)
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Faults.Add(SandboxFaultNames.UnknownFields);
        var path = (RunnerApi.Organization + below).Replace(
            "{id}",
            broker.RunnerOf("octo-org-runner-1").Id.ToString(CultureInfo.InvariantCulture),
            StringComparison.Ordinal);
        var answer = (await broker.GetAsync(path)).Is(200);

        // What GitHub itself answers to the same question.
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(broker.GitHub.Address, path));
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + broker.GitHub.InstallationTokens[^1].Token);
        request.Headers.UserAgent.ParseAdd("test");
        using var original = await broker.Client.SendAsync(request);
        var expected = await original.Content.ReadAsByteArrayAsync();
        Assert.Contains("from_the_future", Encoding.UTF8.GetString(expected), StringComparison.Ordinal);
        Assert.Equal(expected, answer.Bytes);
    }

    [Fact]
    public async Task A_fleet_of_ten_thousand_leaves_no_memory_in_use()
    {
        await using var broker = await TestBroker.StartAsync();
        for (var number = broker.GitHub.Runners.List("orgs/octo-org").Count; number < 10_000; number++)
            broker.GitHub.Runners.Add("orgs/octo-org", "vm-" + number);
        await ListAllAsync(broker);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (listed, logged) = (0L, broker.Logs.Lines.Sum(line => line.Message.Length));
        for (var round = 0; round < 3; round++)
            listed += await ListAllAsync(broker);

        // Had the answers stayed, it would be all of them; what the test's own recorder of logs keeps of each request is far less.
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(
            grown < listed,
            $"{grown} bytes stayed of {listed}, with {broker.Logs.Lines.Sum(line => line.Message.Length) - logged} characters of logs.");
    }

    private static async Task<long> ListAllAsync(TestBroker broker)
    {
        var next = (string?)(RunnerApi.Organization + "?per_page=100");
        var (pages, bytes) = (0, 0L);
        for (; next is not null; pages++)
        {
            var answer = (await broker.GetAsync(next)).Is(200);
            bytes += answer.Bytes.Length;
            next = answer.Link("next")?.PathAndQuery;
        }

        Assert.Equal(100, pages);
        Assert.True(bytes > 2_500_000, $"Only {bytes} bytes were listed.");
        return bytes;
    }
}
