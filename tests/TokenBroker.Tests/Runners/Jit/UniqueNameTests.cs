using System.Text.Json;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.Runners.Jit;

public sealed class UniqueNameTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?unique_name=false")]
    [InlineData("?unique_name=True")]
    public async Task A_name_that_is_free_stays_as_it_is(string query)
    {
        await using var broker = await TestBroker.StartAsync();
        Assert.Equal("vm-1", NameOf((await AskAsync(broker, "vm-1", query)).Is(201)));
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
    }

    [Theory]
    [InlineData("vm-1", "\\Avm-1-[a-z2-9]{6}\\z")]
    [InlineData(
        "a234567890b234567890c234567890d234567890e234567890f234567890g234",
        "\\Aa234567890b234567890c234567890d234567890e234567890f234567-[a-z2-9]{6}\\z")]
    public async Task One_that_is_taken_gets_a_suffix_and_stays_short_enough(string name, string expected)
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Runners.Add("orgs/octo-org", name);
        var made = NameOf((await AskAsync(broker, name)).Is(201));
        Assert.Matches(expected, made);
        Assert.True(made.Length <= 64, made);
        Assert.Equal(2, broker.GitHub.Requests.JitConfigurations);
        Assert.NotNull(broker.RunnerOf(name));
    }

    [Fact]
    public async Task A_name_is_not_cut_within_a_character()
    {
        await using var broker = await TestBroker.StartAsync();
        var name = new string('a', 56) + "🚀🚀🚀🚀";
        broker.GitHub.Runners.Add("orgs/octo-org", name);
        Assert.Matches("\\Aa{56}-[a-z2-9]{6}\\z", NameOf((await AskAsync(broker, name)).Is(201)));
    }

    [Fact]
    public async Task Three_suffixes_are_tried_and_then_it_is_GitHubs_409()
    {
        var (gitHub, broker) = await RecordingGitHub.StartAsync();
        await using (gitHub)
        await using (broker)
        {
            gitHub.Answers["/generate-jitconfig"] = (409, """{"message":"Already exists."}""");
            Assert.Equal("Already exists.", (await AskAsync(broker, "vm-1")).IsFailure(409, "name-taken").Detail);
            var names = gitHub.Requests.Where(sent => sent.Path.EndsWith("/generate-jitconfig", StringComparison.Ordinal))
                .Select(sent => JsonElement.Parse(sent.Body).GetProperty("name").GetString()!).ToList();
            Assert.Equal("vm-1", names[0]);
            Assert.All(names.Skip(1), name => Assert.Matches("\\Avm-1-[a-z2-9]{6}\\z", name));
            Assert.Equal(4, names.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(4, names.Count);
        }
    }

    [Theory]
    [InlineData("""{ "Names": [ "vm-1" ], "Labels": [ "x" ] }""")]
    [InlineData("""{ "Names": [ "*-1" ], "Labels": [ "x" ] }""")]
    public async Task A_suffix_that_the_policy_does_not_name_is_409_and_says_so(string block)
    {
        await using var broker = await TestBroker.StartAsync(RunnerApi.Bound(block));
        broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        var answer = (await AskAsync(broker, "vm-1")).IsFailure(409, "name-taken");
        Assert.Contains("the policy does not allow this name with a suffix", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
    }

    [Fact]
    public async Task Without_it_a_name_that_is_taken_is_tried_once()
    {
        await using var broker = await TestBroker.StartAsync();
        broker.GitHub.Runners.Add("orgs/octo-org", "vm-1");
        (await AskAsync(broker, "vm-1", "?unique_name=false")).IsFailure(409, "name-taken");
        Assert.Equal(1, broker.GitHub.Requests.JitConfigurations);
        Assert.Empty(broker.GitHub.Requests.OfKind(SandboxRequestKind.RunnerRemoval));
    }

    private static Task<ApiResponse> AskAsync(TestBroker broker, string name, string query = "?unique_name=true") =>
        broker.SendAsync("POST", RunnerApi.Jit + query, new { name, runner_group_id = 1, labels = new[] { "x" } });

    private static string NameOf(ApiResponse answer) => answer.Json.GetProperty("runner").GetProperty("name").GetString()!;
}
