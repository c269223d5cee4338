using System.Collections.Concurrent;
using System.Globalization;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.FaultTests;

/// <summary>
/// Mixed load while GitHub's and Redis' faults come and go, on ten times more scopes than a replica remembers: no answer is wrong, none is
/// late, and memory stays where it is. A minute long, or as long as SOAK_SECONDS says.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Workers = 12;
    private const int Remembered = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(16);

    // Those that pass; GitHub's no to a scope is another test's.
    private static readonly (string Name, double? Seconds)[] GitHubFaults =
    [
        (SandboxFaultNames.ServerError, null), (SandboxFaultNames.BadGateway, null), (SandboxFaultNames.Unavailable, 1),
        (SandboxFaultNames.Reset, null),
        (SandboxFaultNames.ResetMidway, null), (SandboxFaultNames.ResetAfterEffect, null), (SandboxFaultNames.BadGatewayAfterEffect, null),
        (SandboxFaultNames.Hang, null),
        (SandboxFaultNames.Slow, 2), (SandboxFaultNames.Html, null), (SandboxFaultNames.TruncatedJson, null),
        (SandboxFaultNames.UnknownFields, null),
        (SandboxFaultNames.NoToken, null), (SandboxFaultNames.EmptyToken, null), (SandboxFaultNames.ExpiredToken, null),
        (SandboxFaultNames.PrimaryLimit, 2),
        (SandboxFaultNames.SecondaryLimit, 2), (SandboxFaultNames.SecondaryLimitDate, 2), (SandboxFaultNames.ReplicationLag, 1),
    ];

    [Fact]
    public async Task No_answer_is_wrong_and_memory_stays_flat()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var replicas = await Replicas.StartAsync(3, proxy.Address, TimeSpan.FromMilliseconds(50), (configuration, _) =>
            configuration["TokenCache"]!["MaxEntries"] = Remembered);
        replicas.GitHub.RateLimit = 10_000_000;
        var load = new MixedLoad(replicas, replicas.AddRepositories(10 * Remembered));
        await load.WarmUpAsync();

        var random = TestDuration.CreateRandom(output);
        var memory = new WorkingSet([.. replicas.Processes.Select(process => process.Id)]);
        using var over = new CancellationTokenSource();
        var answers = new ConcurrentBag<MixedLoad.Exchange>();
        var workers = Enumerable.Range(0, Workers).Select(_ => WorkAsync(load, new Random(random.Next()), answers, over.Token)).ToList();
        var watching = memory.WatchAsync(over.Token);
        var breaking = BreakGitHubAsync(replicas.GitHub, new Random(random.Next()), over.Token);
        var redisFaults = await RedisFaults.ComeAndGoAsync(redis, proxy, new Random(random.Next()), TestDuration.Value);
        await over.CancelAsync();
        await Task.WhenAll([.. workers, watching, breaking]);

        var gitHubFaults = await breaking;
        var megabytes = memory.WhenWarm();
        var kinds = answers.GroupBy(exchange => exchange.Kind, StringComparer.Ordinal);
        foreach (var kind in kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var statuses = kind.GroupBy(exchange => exchange.Status)
                .OrderBy(status => status.Key)
                .Select(status => $"{status.Count()} x {status.Key}");
            var longest = kind.Max(exchange => exchange.Elapsed.TotalMilliseconds);
            output.WriteLine($"{kind.Key}: {string.Join(", ", statuses)}, the longest after {longest:F0} ms");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{answers.Count} answers, {gitHubFaults} faults of GitHub, {redisFaults.Count} of Redis; three replicas "
                + $"held {string.Join(", ", megabytes.Select(mean => mean.ToString("F0", CultureInfo.InvariantCulture)))} MB"));

        foreach (var wrong in answers.Select(exchange => exchange.Wrong).OfType<string>().Take(10))
            output.WriteLine(wrong);
        Assert.Empty(answers.Select(exchange => exchange.Wrong).OfType<string>().Take(10));
        Assert.All(answers, exchange => Assert.InRange(exchange.Elapsed, TimeSpan.Zero, Patience));

        // In a minute the last of the code is still being compiled.
        Assert.True(
            megabytes.Count == 0 || megabytes.Max() < megabytes.Min() * (TestDuration.Value > TimeSpan.FromMinutes(2) ? 1.1 : 1.2),
            "Memory did not stay where it was.");
        Assert.All(replicas.Processes, process => Assert.DoesNotContain("   at ", process.Output, StringComparison.Ordinal));
    }

    private static async Task WorkAsync(MixedLoad load, Random random, ConcurrentBag<MixedLoad.Exchange> answers, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            answers.Add(await load.AskAsync(random));
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(5, 40)), TimeProvider.System, over).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<int> BreakGitHubAsync(SandboxGitHub gitHub, Random random, CancellationToken over)
    {
        var count = 0;
        while (!over.IsCancellationRequested)
        {
            var (name, seconds) = GitHubFaults[random.Next(GitHubFaults.Length)];
            gitHub.Faults.Add(name, seconds: seconds);
            output.WriteLine($"{TimeProvider.System.GetUtcNow():mm:ss.fff} {name}");
            count++;
            await PauseAsync(random, over);
            gitHub.Faults.Clear();
            await PauseAsync(random, over);
        }

        return count;
    }

    private static async Task PauseAsync(Random random, CancellationToken over) =>
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 2_500)), TimeProvider.System, over).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing);
}
