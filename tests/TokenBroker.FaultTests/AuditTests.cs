using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Auditing;

namespace TokenBroker.FaultTests;

/// <summary>A real broker whose standard output is a pipe that nobody reads.</summary>
public sealed class AuditTests(ITestOutputHelper output)
{
    private const string Token = "/orgs/octo-org/actions/runners/registration-token";
    private const int Callers = 64;

    [Fact]
    public async Task A_broker_whose_output_is_not_read_does_nothing_that_it_could_not_audit()
    {
        await using var replicas = await Replicas.StartAsync(1, redis: null);
        var process = replicas.Processes[0];
        var jwt = replicas.Issuer.Sign();
        var answers = new ConcurrentQueue<Answer>();
        answers.Enqueue(await AskAsync(replicas, jwt));

        process.StopReading();
        using var stalled = new CancellationTokenSource();
        var lives = LiveAsync(replicas, stalled.Token);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            Answer answer;
            do
            {
                answers.Enqueue(answer = await AskAsync(replicas, jwt));
            }
            while (answer.Status == HttpStatusCode.Created);
        }));
        await stalled.CancelAsync();
        var waits = await lives;
        var refused = answers.Where(answer => answer.Status != HttpStatusCode.Created).ToList();
        output.WriteLine($"{answers.Count - refused.Count} were served in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s; refused "
            + $"after {refused.Min(answer => answer.Elapsed).TotalSeconds:F1} "
            + $"to {refused.Max(answer => answer.Elapsed).TotalSeconds:F1} s; /livez "
            + $"took {waits.Max().TotalMilliseconds:F0} ms at most, {waits.Count} times");

        Assert.InRange(answers.Count - refused.Count, AuditTrail.Capacity, AuditTrail.Capacity + 2048);
        Assert.All(refused, answer =>
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
            Assert.Equal(TimeSpan.FromSeconds(5), answer.RetryAfter);
            Assert.EndsWith(":audit-stalled", (string?)JsonNode.Parse(answer.Body)!["type"], StringComparison.Ordinal);
            Assert.DoesNotContain(replicas.GitHub.IssuedSecrets, secret => answer.Body.Contains(secret, StringComparison.Ordinal));
            Assert.InRange(answer.Elapsed, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        });
        Assert.InRange(waits.Max(), TimeSpan.Zero, TimeSpan.FromSeconds(5));

        process.ReadOn();
        await Eventually.IsTrueAsync(
            async () =>
            {
                var answer = await AskAsync(replicas, jwt);
                answers.Enqueue(answer);
                return answer.Status == HttpStatusCode.Created;
            },
            "the broker served again");
        foreach (var answer in await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => AskAsync(replicas, jwt))))
            answers.Enqueue(answer);

        // What it had not written by then, it writes before it ends.
        await process.TerminateAsync();
        Assert.Equal(0, await process.ExitCodeAsync());
        var granted = answers.Where(answer => answer.Status == HttpStatusCode.Created)
            .Select(answer => answer.RequestId)
            .Order(StringComparer.Ordinal);
        var told = EventsOf(process).Where(one => (string?)one["event"] == AuditEvent.Exchange
            && (string?)one["outcome"] == AuditEvent.Granted).Select(one => (string)one["request_id"]!).Order(StringComparer.Ordinal);
        Assert.Equal(granted, told);
    }

    /// <summary>More than the pipe holds, so that some have not been taken when the process must end.</summary>
    [Fact]
    public async Task What_its_output_does_not_take_a_broker_that_stops_writes_to_standard_error()
    {
        await using var replicas = await Replicas.StartAsync(1, redis: null);
        var process = replicas.Processes[0];
        var jwt = replicas.Issuer.Sign();
        process.StopReading();
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => AskAsync(replicas, jwt)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));

        await process.TerminateAsync();
        await Eventually.IsTrueAsync(() => EventsOf(process).Count > 10, "events were written to standard error");
        process.ReadOn();
        Assert.Equal(1, await process.ExitCodeAsync());
        var told = EventsOf(process).Select(one => (string)one["request_id"]!).ToHashSet(StringComparer.Ordinal);
        Assert.All(answers, answer => Assert.Contains(answer.RequestId, told));
    }

    [Theory]
    [InlineData("Logging__LogLevel__Default", "None")]
    [InlineData("Logging__Console__LogLevel__Default", "None")]
    [InlineData("Logging__Console__QueueFullMode", "Wait")]
    public async Task No_setting_of_the_log_switches_it_off(string name, string value)
    {
        await using var receiver = await OtlpReceiver.StartAsync();

        // Only the line that says where it listens is let through.
        await using var replicas = await Replicas.StartAsync(1, redis: null, environment:
        [
            (name, value), ("Logging__LogLevel__TokenBroker", "None"), ("Logging__LogLevel__TokenBroker.Runners", "None"),
            ("Logging__OpenTelemetry__LogLevel__Default", "None"),
            ("Logging__LogLevel__Microsoft.Hosting.Lifetime", "Information"),
            ("Logging__Console__LogLevel__Microsoft.Hosting.Lifetime", "Information"), .. receiver.Environment,
        ]);
        var answer = await AskAsync(replicas, replicas.Issuer.Sign());
        await Eventually.IsTrueAsync(
            () => replicas.Processes[0].Output.Contains(answer.RequestId, StringComparison.Ordinal),
            "the event was written");
        var told = Assert.Single(EventsOf(replicas.Processes[0]), one => (string?)one["request_id"] == answer.RequestId);
        await Eventually.IsTrueAsync(() => receiver.Holds("logs", (string)told["token_sha256"]!), "the event was sent");
        Assert.True(receiver.Holds("logs", "TokenBroker.Audit"));
        Assert.DoesNotContain("Allowed", replicas.Processes[0].Output, StringComparison.Ordinal);
    }

    private static async Task<List<TimeSpan>> LiveAsync(Replicas replicas, CancellationToken cancellation)
    {
        var waits = new List<TimeSpan>();
        while (!cancellation.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            using var response = await replicas.Clients[0].GetAsync(new Uri("/livez", UriKind.Relative), CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            waits.Add(Stopwatch.GetElapsedTime(started));
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, CancellationToken.None);
        }

        return waits;
    }

    private static async Task<Answer> AskAsync(Replicas replicas, string jwt)
    {
        var started = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, Token);
        request.Headers.Authorization = new("Bearer", jwt);
        using var response = await replicas.Clients[0].SendAsync(request);
        return new Answer(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.GetValues("X-Request-Id").Single(),
            response.Headers.RetryAfter?.Delta,
            Stopwatch.GetElapsedTime(started));
    }

    private static List<JsonObject> EventsOf(BrokerProcess process) =>
    [
        .. process.Output.Split('\n')
            .Where(line => line.StartsWith("{\"event\":\"token-broker.", StringComparison.Ordinal))
            .Select(line => JsonNode.Parse(line)!.AsObject()),
    ];

    private sealed record Answer(HttpStatusCode Status, string Body, string RequestId, TimeSpan? RetryAfter, TimeSpan Elapsed);
}
