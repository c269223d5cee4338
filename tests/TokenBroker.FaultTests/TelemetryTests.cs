using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.FaultTests;

/// <summary>
/// Two brokers send to a real Prometheus, or are asked by it: what docs/telemetry.md lists arrives, dashboards show it, and alerts
/// fire.
/// </summary>
public sealed class TelemetryTests(ITestOutputHelper output)
{
    private static readonly string Charts = Path.Combine(SourceFolder(), "..", "..", "charts", "token-broker");
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metrics_arrive_dashboards_show_them_and_alerts_fire(bool areFetched)
    {
        await using var prometheus = await PrometheusServer.StartAsync(
            InAHurry(await File.ReadAllTextAsync(Path.Combine(Charts, "alerts", "token-broker.yaml"))));
        await using var redis = await RedisServer.StartAsync();
        var pages = areFetched ? new[] { FreePort.Next(), FreePort.Next() } : [];
        await using var replicas = await Replicas.StartAsync(
            2,
            redis.Address,
            configure: (configuration, number) =>
            {
                AddIssuerThatIsGone(configuration, number);
                if (areFetched)
                    configuration["MetricsPage"] = new JsonObject { ["Port"] = pages[number], ["Address"] = "127.0.0.1" };
            },
            environment: areFetched ? [] : prometheus.Environment);
        prometheus.Fetch(pages);

        // Not all at once: what grows between two sendings has a rate.
        var scopes = replicas.AddRepositories(8);
        await CorruptOneAsync(replicas, redis, scopes[0]);
        for (var round = 0; round < 6; round++)
        {
            await AskForEverythingAsync(replicas, scopes[round]);
            await PauseAsync();
        }

        Assert.Empty(
            (await prometheus.FiringAsync()).Except(["TokenBrokerIssuerKeysMissing", "TokenBrokerDenialsRising"], StringComparer.Ordinal));
        await FiresAsync(prometheus, "TokenBrokerIssuerKeysMissing", () => Task.CompletedTask);

        replicas.WriteFile("broker-1.json", "{}");
        await FiresAsync(prometheus, "TokenBrokerPoliciesRefused", () => Task.CompletedTask);

        await redis.KillAsync();
        await FiresAsync(prometheus, "TokenBrokerRedisDegraded", () => replicas.AskAsync(0, scopes[6]));
        await FiresAsync(
            prometheus,
            "TokenBrokerDenialsRising",
            () => Task.WhenAll(Enumerable.Range(0, 5).Select(_ => replicas.AskAsync(1, "orgs/octo-two"))));
        await ListedMetricsAreThereAsync(prometheus);
        await DashboardShowsAsync(prometheus);

        replicas.GitHub.RateLimit = 8;
        await FiresAsync(prometheus, "TokenBrokerQuotaLow", () => replicas.AskAsync(0, replicas.AddRepositories(1)[0]));
        replicas.GitHub.RateLimit = 5000;

        replicas.GitHub.Faults.Add(SandboxFaultNames.Html, path: "registration-token");
        await FiresAsync(prometheus, "TokenBrokerMintsFailing", () => replicas.AskAsync(1, replicas.AddRepositories(1)[0]));
        await FiresAsync(prometheus, "TokenBrokerNoTokens", () => replicas.AskAsync(1, replicas.AddRepositories(1)[0]));

        // Nobody reads what one of them writes.
        replicas.GitHub.Faults.Clear();
        replicas.Processes[0].StopReading();
        await FiresAsync(
            prometheus,
            "TokenBrokerAuditStalled",
            () => Task.WhenAll(Enumerable.Range(0, 300).Select(_ => replicas.AskAsync(0, "orgs/octo-two"))));
        replicas.Processes[0].ReadOn();

        await NothingSecretIsAmongTheLabelsAsync(prometheus, replicas);
    }

    [Fact]
    public async Task A_refused_credential_fires_its_alert()
    {
        await using var prometheus = await PrometheusServer.StartAsync(
            InAHurry(await File.ReadAllTextAsync(Path.Combine(Charts, "alerts", "token-broker.yaml"))));
        await using var replicas = await Replicas.StartAsync(1, redis: null, environment: prometheus.Environment);
        replicas.GitHub.Faults.Add(SandboxFaultNames.AppRefused);
        await FiresAsync(prometheus, "TokenBrokerCredentialRefused", () => replicas.AskAsync(0, replicas.AddRepositories(1)[0]));
    }

    [Fact]
    public async Task The_alert_rules_pass_their_own_tests()
    {
        var promtool = PrometheusServer.FindOrSkip("promtool", "PROMTOOL");
        using var process = Process.Start(
            new ProcessStartInfo(promtool, ["test", "rules", Path.Combine(SourceFolder(), "..", "alerts", "token-broker.test.yaml")])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = await process.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(LongestWait);
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, text + await errors);
    }

    [Fact]
    public async Task Traces_logs_and_metrics_are_sent_and_hold_no_secret()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var replicas = await Replicas.StartAsync(1, redis: null, environment: [
            .. receiver.Environment,
            ("OTEL_SERVICE_NAME", "broker-under-test"),
            ("OTEL_RESOURCE_ATTRIBUTES", "team=runners"),
        ]);
        var jwt = replicas.Issuer.Sign();
        var scope = replicas.AddRepositories(1)[0];
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, scope, jwt)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await replicas.AskAsync(0, "orgs/octo-two", jwt)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await replicas.AskAsync(0, scope, jwt + "x")).Status);

        foreach (var (signal, text) in new[]
        {
            ("metrics", "token_broker.tokens"), ("metrics", "http.server.request.duration"), ("metrics", "kestrel.active_connections"),
            ("metrics", "dotnet.gc.collections"),
            ("traces", "mint runner-tokens"), ("traces", "github registration-token"), ("traces", "policy"), ("traces", "http.route"),
            ("traces", scope), ("logs", "Denied"),
            ("logs", "token-broker.audit"), ("logs", "token_sha256"), ("logs", "policy-denied"), ("logs", "token-broker.unauthenticated"),
            ("metrics", "broker-under-test"), ("traces", "team"), ("logs", "service.instance.id"), ("metrics", "service.version"),
        })
        {
            await Eventually.IsTrueAsync(() => receiver.Holds(signal, text), $"'{text}' was sent among the {signal}");
        }

        foreach (var signal in new[] { "metrics", "traces", "logs" })
        {
            Assert.DoesNotContain(replicas.GitHub.IssuedSecrets, secret => receiver.Holds(signal, secret));
            Assert.False(receiver.Holds(signal, jwt), $"The caller's JWT is among the {signal}.");
            Assert.False(receiver.Holds(signal, replicas.GitHub.EnterpriseToken), $"The enterprise token is among the {signal}.");
            Assert.False(receiver.Holds(signal, "eyJ"), $"A JWT is among the {signal}.");
        }
    }

    /// <summary>A receiver that is gone costs nothing but the data.</summary>
    [Fact]
    public async Task No_request_waits_for_a_receiver_that_is_gone()
    {
        await using var replicas = await Replicas.StartAsync(1, redis: null, environment:
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "200"), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
        ]);
        foreach (var scope in replicas.AddRepositories(5))
        {
            var answer = await replicas.AskAsync(0, scope);
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            Assert.InRange(answer.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        }

        var started = Stopwatch.GetTimestamp();
        await replicas.Processes[0].TerminateAsync();
        Assert.Equal(0, await replicas.Processes[0].ExitCodeAsync());
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }

    /// <summary>Nor does a receiver that takes everything and never answers keep a broker from stopping.</summary>
    [Fact]
    public async Task Stopping_does_not_wait_long_for_a_silent_receiver()
    {
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        await using var replicas = await Replicas.StartAsync(1, redis: null, environment:
        [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{receiver.LocalEndpoint}"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("Shutdown__Delay", "00:00:00"),
        ]);
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0, replicas.AddRepositories(1)[0])).Status);
        var took = await StopAsync(replicas.Processes[0]);
        Assert.True(receiver.Pending(), "Nothing was sent.");
        output.WriteLine($"stopped after {took.TotalSeconds:F1} s");

        // Two, on a machine that has nothing else to do; ten and more where each signal is waited for by itself.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(7));
    }

    /// <summary>The metrics' page is there until the last request is answered, and waits for nobody of its own.</summary>
    [Fact]
    public async Task Stopping_does_not_wait_for_readers_of_the_metrics_page()
    {
        var port = FreePort.Next();
        await using var replicas = await Replicas.StartAsync(
            1,
            redis: null,
            configure: (configuration, _) => configuration["MetricsPage"] = new JsonObject { ["Port"] = port },
            environment: [("Shutdown__Delay", "00:00:00")]);
        using var asking = new TcpClient();
        await asking.ConnectAsync(IPAddress.Loopback, port);
        await asking.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n"u8.ToArray());
        using var idle = new HttpClient();
        Assert.Contains(
            "token_broker_tokens_total{",
            await idle.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/metrics"))),
            StringComparison.Ordinal);
        var took = await StopAsync(replicas.Processes[0]);
        output.WriteLine($"stopped after {took.TotalSeconds:F1} s");
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    private static async Task<TimeSpan> StopAsync(BrokerProcess broker)
    {
        var started = Stopwatch.GetTimestamp();
        await broker.TerminateAsync();
        Assert.Equal(0, await broker.ExitCodeAsync());
        return Stopwatch.GetElapsedTime(started);
    }

    // An hour in seconds.
    private static string InAHurry(string rules)
    {
        var hurried = Regex.Replace(rules, @"\bfor: \d+m", "for: 0s", RegexOptions.None, LongestMatch);
        hurried = Regex.Replace(hurried, @"\[(10m|1h)\]", "[5s]", RegexOptions.ExplicitCapture, LongestMatch).Replace(
            "offset 1h",
            "offset 30s",
            StringComparison.Ordinal);
        Assert.NotEqual(rules, hurried);
        return hurried;
    }

    private static void AddIssuerThatIsGone(JsonObject configuration, int number)
    {
        if (number == 1)
            configuration["Authentication"]!["Issuers"]!["gone"] = JsonNode.Parse(
                """{ "Authority": "http://127.0.0.1:9", "Audiences": [ "x" ], "RequireHttpsMetadata": false }""");
    }

    private static async Task CorruptOneAsync(Replicas replicas, RedisServer redis, string scope)
    {
        await replicas.AskAsync(0, scope);
        await SharedMintTests.WaitForSecretsAsync(redis, 1);
        foreach (var key in (await redis.DumpAsync()).Keys.Where(key => !key.EndsWith("probe", StringComparison.Ordinal)))
            await redis.RunAsync("SET", key, "not what was written there");
    }

    private static async Task AskForEverythingAsync(Replicas replicas, string scope)
    {
        foreach (var broker in new[] { 0, 1, 0 })
        {
            await replicas.AskAsync(broker, scope);
            await replicas.AskAsync(broker, "enterprises/octo-ent");
            await replicas.AskAsync(broker, "orgs/octo-org");
            await replicas.AskAsync(broker, "orgs/octo-two");
            await replicas.AskAsync(broker, scope, replicas.Issuer.Sign(new { aud = "elsewhere" }));
        }
    }

    private static async Task ListedMetricsAreThereAsync(PrometheusServer prometheus)
    {
        foreach (var row in MetricList.Read())
        {
            var query = row.IsHistogram ? row.InPrometheus + "_count" : row.InPrometheus;
            await Eventually.IsTrueAsync(async () => (await prometheus.QueryAsync(query)).Count > 0, row.InPrometheus + " was there");
            var series = await prometheus.QueryAsync(query);
            Assert.All(series, labels =>
            {
                Assert.Equal("token-broker", (string?)labels["job"]);
                Assert.NotNull(labels["instance"]);
                Assert.All(
                    row.Labels,
                    label => Assert.True(labels.ContainsKey(label.Replace('.', '_')), $"{row.InPrometheus} has no {label}: {labels}"));
            });
            if (row.IsHistogram)
                Assert.NotEmpty(await prometheus.QueryAsync(row.InPrometheus + "_bucket"));
        }

        Assert.Equal(2, (await prometheus.QueryAsync("count by (instance) (token_broker_tokens_total)")).Count);
    }

    private static async Task DashboardShowsAsync(PrometheusServer prometheus)
    {
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Charts, "dashboards", "token-broker.json")))!;
        var queries = dashboard["panels"]!.AsArray()
            .SelectMany(panel => panel!["targets"]?.AsArray() ?? [])
            .Select(target => (string)target!["expr"]!)
            .ToList();
        Assert.True(queries.Count > 20, "The dashboard has no queries.");
        foreach (var query in queries)
        {
            var asked = query.Replace("$job", "token-broker", StringComparison.Ordinal).Replace(
                "$__rate_interval",
                "1m",
                StringComparison.Ordinal);
            await Eventually.IsTrueAsync(
                async () => (await prometheus.QueryAsync(asked)).Count > 0,
                "the dashboard's query showed anything: " + asked);
        }
    }

    private async Task FiresAsync(PrometheusServer prometheus, string alert, Func<Task> cause)
    {
        var started = Stopwatch.GetTimestamp();
        while (!(await prometheus.FiringAsync()).Contains(alert, StringComparer.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < LongestWait, $"{alert} does not fire.");
            await cause();
            await PauseAsync();
        }

        output.WriteLine($"{alert} fires after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
    }

    private static async Task NothingSecretIsAmongTheLabelsAsync(PrometheusServer prometheus, Replicas replicas)
    {
        var values = await prometheus.LabelValuesAsync();
        Assert.NotEmpty(values);
        Assert.DoesNotContain(
            values,
            value => replicas.GitHub.IssuedSecrets.Any(secret => value.Contains(secret, StringComparison.Ordinal)));
        Assert.DoesNotContain(values, value => value.Contains("octo-", StringComparison.Ordinal)
            || value.Contains("cold-", StringComparison.Ordinal)
            || value.Contains("vm-", StringComparison.Ordinal));
    }

    private static Task PauseAsync() => Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
