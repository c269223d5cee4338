using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Failures;

namespace TokenBroker.FaultTests.Fuzzing;

/// <summary>
/// Requests that nobody would send on purpose, for a minute or as long as SOAK_SECONDS says: no answer of a kind that the failure table
/// does
/// not list, nothing given that no policy gives, no exception in the log, nothing secret anywhere. The seed is told, and taken from
/// SOAK_SEED.
/// </summary>
public sealed partial class FuzzTests(ITestOutputHelper output)
{
    private const int Connections = 8;
    private const int Batch = 200;

    private const string WarningsAlone = """
        { "LogLevel": { "TokenBroker": "Warning", "TokenBroker.Authentication": "Warning", "TokenBroker.Caching": "Warning",
          "TokenBroker.GitHub": "Warning", "TokenBroker.Runners": "Warning" } }
        """;

    // What Kestrel says itself of bytes that are no request.
    private static readonly int[] Serverless = [400, 405, 408, 413, 414, 431, 501, 505];

    [Fact]
    public async Task Whatever_comes_is_answered_by_the_book()
    {
        await using var replicas = await Replicas.StartAsync(
            1,
            redis: null,
            configure: (configuration, _) => configuration["Logging"] = JsonNode.Parse(WarningsAlone));
        replicas.GitHub.RateLimit = 100_000_000;
        var generator = new RequestGenerator(replicas.Issuer);
        var random = TestDuration.CreateRandom(output);
        var wrong = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        var address = await replicas.Processes[0].AddressAsync();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => RunAsync((ulong)random.NextInt64())));

        output.WriteLine($"{statuses.Values.Sum()} requests in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} "
            + $"s: {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Value} x {status.Key}"))}");
        foreach (var line in wrong.Take(20))
            output.WriteLine(line);
        Assert.Empty(wrong);
        Assert.True(
            statuses.ContainsKey(201) && statuses.ContainsKey(401) && statuses.ContainsKey(422),
            "The requests are too odd to test anything.");

        var log = replicas.Processes[0].Output;
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", log, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", log, StringComparison.Ordinal);
        Assert.DoesNotContain(replicas.GitHub.IssuedSecrets, secret => log.Contains(secret, StringComparison.Ordinal));
        Assert.Equal(201, (int)(await replicas.AskAsync(0)).Status);

        async Task RunAsync(ulong seed)
        {
            using var client = new RawClient(address);
            for (var round = seed; Stopwatch.GetElapsedTime(started) < TestDuration.Value && wrong.Count < 100; round++)
            {
                foreach (var request in generator.Requests.Sample(Batch, new Rnd(round), 50))
                {
                    var answer = await client.SendAsync(request);
                    statuses.AddOrUpdate(answer?.Status ?? 0, 1, (_, count) => count + 1);
                    if (answer is not null && WrongWith(request, answer, generator, replicas) is { } reason)
                        wrong.Enqueue($"{reason}: {request} was answered {answer.Status}: {answer.Body}");
                }
            }
        }
    }

    private static string? WrongWith(FuzzedRequest request, RawClient.RawAnswer answer, RequestGenerator generator, Replicas replicas)
    {
        if (answer.Head.Contains("X-Injected", StringComparison.OrdinalIgnoreCase)
            || answer.Head.Contains("evil.example", StringComparison.Ordinal))
            return "what a caller sent stands in a header";
        if (answer.Body.Contains("eyJ", StringComparison.Ordinal) && answer.Status != 201)
            return "a JWT stands in the body";
        if (answer.Body.Contains("ghs_", StringComparison.Ordinal)
            || answer.Body.Contains(replicas.GitHub.EnterpriseToken, StringComparison.Ordinal))
            return "a credential of the broker stands in the body";
        if (answer.Status == 201)
            return generator.IsSound(request.Authorization) && AllowedPath().IsMatch(request.Target) ? null : "nobody allowed this";
        if (answer.Status < 400 || request.Method == "HEAD")
            return null;
        if (answer.Body.Length == 0)
            return Serverless.Contains(answer.Status) && answer.Header("X-Request-Id") is null ? null : "an error without a body";
        return KindOf(answer) is { } kind ? WrongWith(kind, answer) : "an error that is not one of the broker's";
    }

    private static string? WrongWith(string kind, RawClient.RawAnswer answer) =>
        answer.Status < 500 ? null
        : kind == FailureKinds.Unexpected.Name || kind.StartsWith("http-", StringComparison.Ordinal) ? "a fault of the broker's own"
        : answer.Header("Retry-After") is null ? "a 503 that does not say when to come back"
        : null;

    private static string? KindOf(RawClient.RawAnswer answer)
    {
        try
        {
            return ((string?)JsonNode.Parse(answer.Body)?["type"])?.Split(':')[^1];
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    // What the sandbox's policy names, however its path is written.
    [GeneratedRegex(
        @"^(/api/v3|//|/\./|/api/v3/\.\.)?/?(repos/octo-org/[^/?]+|orgs/octo-org|enterprises/octo-ent)/actions/runners/",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex AllowedPath();
}
