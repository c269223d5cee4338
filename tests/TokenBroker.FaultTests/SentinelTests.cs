using System.Diagnostics;
using System.Net;

namespace TokenBroker.FaultTests;

/// <summary>The master goes, and the brokers follow to the next one without a caller's noticing.</summary>
public sealed class SentinelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan GitHubDelay = TimeSpan.FromMilliseconds(50);

    // The sentinels take a second to believe it and some to agree, and may have to vote twice.
    private static readonly TimeSpan LongestReturn = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("killed")]
    [InlineData("demoted")]
    public async Task Losing_the_master_costs_callers_nothing(string fault)
    {
        await using var set = await SentinelSet.StartAsync();
        await using var replicas = await Replicas.StartAsync(3, set.Address, GitHubDelay);
        using var load = new RedisLoad(replicas);
        await load.BeginAsync(TimeSpan.FromSeconds(2));
        var former = await set.FindMasterAsync();

        var gone = Stopwatch.GetTimestamp();
        if (fault == "killed")
            await former.KillAsync();
        else
            await set.Sentinels[0].RunAsync("SENTINEL", "FAILOVER", SentinelSet.Service);
        await Eventually.IsTrueAsync(async () => (await set.FindMasterAsync()).Port != former.Port, "the sentinels named another master");
        var named = Stopwatch.GetElapsedTime(gone);
        await Eventually.IsTrueAsync(() => SharesAsync(replicas), "tokens were shared again");
        var back = Stopwatch.GetElapsedTime(gone);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);

        var result = await load.EndAsync();
        output.WriteLine($"{fault}: another master after {named.TotalSeconds:F1} s, in use after {back.TotalSeconds:F1} s,"
            + $" {result.Answers.Count} answers, the "
            + $"longest {result.Longest.TotalMilliseconds:F0} ms, without {result.Without.TotalMilliseconds:F0} ms");
        Assert.All(result.Answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.InRange(back, TimeSpan.Zero, LongestReturn);
        foreach (var sentinel in set.Sentinels)
            await Eventually.IsTrueAsync(
                async () => await SentinelSet.CountClientsAsync(sentinel) == 0,
                "no connection to a sentinel was left");
    }

    [Theory]
    [InlineData("master", "", ",password=master", true, "sentinels without a password are given one all the same")]
    [InlineData("both", "both", ",password=both", true, "one password for all")]
    [InlineData("master", "sentinel", ",password=master,sentinelPassword=sentinel", true, "one each")]
    [InlineData("master", "sentinel", ",password=master", false, "the sentinels' is missing")]
    public async Task Sentinels_may_have_a_password_of_their_own(
        string password,
        string sentinelPassword,
        string given,
        bool helps,
        string why)
    {
        await using var set = await SentinelSet.StartAsync(password, sentinelPassword);
        await using var replicas = await Replicas.StartAsync(1, set.Address + given);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0)).Status);
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(0) == helps, why);
    }

    // What one has minted is the other's hit, for a scope that nobody has asked for.
    private static async Task<bool> SharesAsync(Replicas replicas)
    {
        foreach (var replica in Enumerable.Range(0, replicas.Clients.Count))
        {
            if (!await replicas.HasRedisAsync(replica))
                return false;
        }

        var fresh = replicas.AddRepositories(1)[0];
        var minted = await replicas.AskAsync(0, fresh);
        return (await replicas.AskAsync(1, fresh)).Token == minted.Token && (await replicas.AskAsync(2, fresh)).Token == minted.Token;
    }
}
