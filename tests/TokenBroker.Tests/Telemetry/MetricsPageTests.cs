using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Telemetry;

namespace TokenBroker.Tests.Telemetry;

/// <summary>The metrics' page: all of them, on a port of its own, and nothing else there.</summary>
public sealed class MetricsPageTests
{
    [Fact]
    public async Task Every_metric_of_the_list_is_on_it_under_its_name_with_its_labels()
    {
        await using var broker = await StartAsync();
        foreach (var scope in new[] { "orgs/octo-org", "repos/octo-org/hello", "enterprises/octo-ent", "orgs/octo-two", "orgs/octo-org" })
            (await broker.PostAsync($"/{scope}/actions/runners/registration-token")).Dispose();
        (await broker.PostAsync("/orgs/octo-org/actions/runners/remove-token", "not-a-jwt")).Dispose();
        var lines = await PageAsync(broker);

        // Those of Redis, and of what a cache forgets, are seen beside a real Prometheus.
        foreach (var row in MetricList.Read().Where(row => !row.Name.StartsWith("token_broker.redis.", StringComparison.Ordinal)
            && !row.Name.Contains("evict", StringComparison.Ordinal)
            && !row.Name.Contains("undecrypt", StringComparison.Ordinal)))
        {
            var kind = row.IsHistogram ? "histogram" : row.InPrometheus.EndsWith("_total", StringComparison.Ordinal) ? "counter" : "gauge";
            Assert.Contains($"# TYPE {row.InPrometheus} {kind}", lines);
            var series = lines
                .Where(line => line.StartsWith(row.InPrometheus + (row.IsHistogram ? "_count{" : "{"), StringComparison.Ordinal))
                .ToList();
            Assert.NotEmpty(series);
            Assert.All(series, line => Assert.Equal(
                row.Labels.Select(label => label.Replace('.', '_')).Order(StringComparer.Ordinal),
                LabelsOf(line).Order(StringComparer.Ordinal)));
        }

        foreach (var framework in new[]
        {
            "http_server_request_duration_seconds",
            "kestrel_active_connections",
            "http_client_request_duration_seconds",
            "dotnet_process_memory_working_set_bytes",
        })
            Assert.Contains(lines, line => line.StartsWith("# TYPE " + framework + " ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("target_info{", StringComparison.Ordinal)
            && line.Contains("service_name=\"token-broker\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_shows_no_secret_and_no_text_that_a_caller_chooses()
    {
        await using var broker = await StartAsync();
        var jwt = broker.Issuer.Sign(new { sub = "vm-4711" });
        (await broker.PostAsync("/orgs/octo-org/actions/runners/registration-token", jwt)).Dispose();
        (await broker.PostAsync("/repos/octo-org/hello/actions/runners/registration-token", jwt)).Dispose();
        var page = string.Join('\n', await PageAsync(broker));
        Assert.NotEmpty(broker.GitHub.IssuedSecrets);
        foreach (var secret in broker.GitHub.IssuedSecrets.Concat([jwt, "eyJ", "vm-4711", "octo-org", "hello"]))
            Assert.DoesNotContain(secret, page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/livez", HttpStatusCode.NotFound)]
    [InlineData("GET", "/readyz", HttpStatusCode.NotFound)]
    [InlineData("GET", "/caller", HttpStatusCode.NotFound)]
    [InlineData("GET", "/swagger/index.html", HttpStatusCode.NotFound)]
    [InlineData("GET", "/metrics/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/METRICS", HttpStatusCode.NotFound)]
    [InlineData("POST", "/orgs/octo-org/actions/runners/registration-token", HttpStatusCode.NotFound)]
    [InlineData("POST", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("HEAD", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/metrics?name=x", HttpStatusCode.OK)]
    public async Task Its_port_serves_nothing_else(string method, string path, HttpStatusCode expected)
    {
        await using var broker = await StartAsync();
        using var client = ClientOf(broker);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        using var response = await client.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        Assert.False(response.Headers.Contains("Server"));
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task The_APIs_port_does_not_know_it()
    {
        await using var broker = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Authorization = new("Bearer", broker.Issuer.Sign());
        using var known = await broker.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotFound, known.StatusCode);
        using var unknown = await broker.Client.GetAsync("/metrics");
        using var other = await broker.Client.GetAsync("/no-such-page");
        Assert.Equal(other.StatusCode, unknown.StatusCode);
        Assert.DoesNotContain("token_broker_", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_a_body_nor_long_headers_are_taken()
    {
        await using var broker = await StartAsync();
        using var client = ClientOf(broker);
        using var small = new HttpRequestMessage(HttpMethod.Get, "/metrics") { Content = new StringContent("x") };
        using var refused = await client.SendAsync(small);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        using var heavy = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        heavy.Headers.TryAddWithoutValidation("X-Heavy", new string('x', 40_000));
        using var tooLarge = await client.SendAsync(heavy);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, tooLarge.StatusCode);
        using var answer = await client.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Many_may_ask_at_once()
    {
        await using var broker = await StartAsync();
        using var client = ClientOf(broker);
        var pages = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.GetStringAsync("/metrics")));
        Assert.All(pages, page => Assert.Contains("token_broker_tokens_total{", page, StringComparison.Ordinal));
        Assert.True(
            pages.Distinct(StringComparer.Ordinal).Count() < pages.Length,
            "Each of those who asked at once got a page of its own.");
    }

    /// <summary>What is asked here is no request of a caller.</summary>
    [Fact]
    public async Task It_does_not_count_itself()
    {
        await using var broker = await StartAsync();
        var first = await PageAsync(broker);
        var next = first;
        await Eventually.IsTrueAsync(
            async () => !(next = await PageAsync(broker)).SequenceEqual(first, StringComparer.Ordinal),
            "a new page was made");
        Assert.DoesNotContain(
            next,
            line => line.StartsWith("http_server_", StringComparison.Ordinal) && line.Contains("/metrics", StringComparison.Ordinal));
        Assert.DoesNotContain(broker.Audit.Lines, line => line.Contains("/metrics", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_brokers_in_one_process_each_report_their_own()
    {
        await using var busy = await StartAsync();
        await using var idle = await StartAsync();
        (await busy.PostAsync("/orgs/octo-org/actions/runners/registration-token")).Dispose();
        Assert.Equal(1, TokensOn(await PageAsync(busy)));
        Assert.Equal(0, TokensOn(await PageAsync(idle)));
    }

    [Fact]
    public async Task It_ends_with_the_broker_even_with_requests_in_flight()
    {
        var broker = await StartAsync();
        var page = broker.Services.GetServices<IHostedService>().OfType<MetricsPage>().Single();
        var port = PortOf(broker);
        await PageAsync(broker);
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, port);
        await slow.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nHost: x\r\n"));
        await broker.DisposeAsync();
        using var late = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.Loopback, port));
        await page.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Unset is off: nobody listens to what is measured, and nothing is built that could.</summary>
    [Theory]
    [InlineData(null, null)]
    [InlineData("OTEL_SDK_DISABLED", "true")]
    public async Task Without_a_port_there_is_nothing(string? key, string? value)
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            if (key is null)
                return;
            configuration["MetricsPage"] = new JsonObject { ["Port"] = FreePort.Next(), ["Address"] = "127.0.0.1" };
            configuration[key] = value;
        });
        Assert.DoesNotContain(
            broker.Services.GetServices<IHostedService>(),
            service => service is MetricsPage || service.GetType().Namespace!.StartsWith("OpenTelemetry", StringComparison.Ordinal));
        Assert.Null(broker.Services.GetService<MeterProvider>());
        Assert.Null(broker.Services.GetService<TracerProvider>());
        Assert.Null(broker.Services.GetService<LoggerProvider>());
    }

    /// <summary>However the API is told where to listen, it listens there, and the page on its own port.</summary>
    [Theory]
    [InlineData("ASPNETCORE_URLS", "http://127.0.0.1:{0}")]
    [InlineData("ASPNETCORE_HTTP_PORTS", "{0}")]
    [InlineData("Kestrel__Endpoints__Api__Url", "http://127.0.0.1:{0}")]
    public async Task The_APIs_addresses_stay_what_they_are(string variable, string value)
    {
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var broker = await TestBroker.StartAsync();
        var (api, port) = (FreePort.Next(), FreePort.Next());
        await using var process = BrokerProcess.Start(
            ("TOKENBROKER_CONFIG", broker.ConfigurationPath), ("ASPNETCORE_URLS", ""), ("MetricsPage__Port", Text(port)),
            (variable, string.Format(CultureInfo.InvariantCulture, value, api)));
        Assert.Equal(api, (await process.AddressAsync()).Port);
        using var client = new HttpClient();
        using var live = await client.GetAsync(new Uri($"http://127.0.0.1:{Text(api)}/livez"));
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Contains(
            "token_broker_tokens_total{",
            await client.GetStringAsync(new Uri($"http://127.0.0.1:{Text(port)}/metrics")),
            StringComparison.Ordinal);
        Assert.Contains($"The metrics are at http://*:{Text(port)}/metrics", process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_a_fault_like_any_other()
    {
        await using var broker = await StartAsync();
        var port = Text(PortOf(broker));
        await using var second = BrokerProcess.Start(("TOKENBROKER_CONFIG", broker.ConfigurationPath));
        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains($"  MetricsPage:Port: cannot listen on 127.0.0.1:{port}: ", second.Output, StringComparison.Ordinal);
    }

    private static Task<TestBroker> StartAsync() => TestBroker.StartAsync((configuration, _) =>
        configuration["MetricsPage"] = new JsonObject { ["Port"] = FreePort.Next(), ["Address"] = "127.0.0.1" });

    private static int PortOf(TestBroker broker) =>
        (int)JsonNode.Parse(File.ReadAllText(broker.ConfigurationPath))!["MetricsPage"]!["Port"]!;

    private static HttpClient ClientOf(TestBroker broker) =>
        new(new SocketsHttpHandler { MaxConnectionsPerServer = 16 }) { BaseAddress = new Uri($"http://127.0.0.1:{Text(PortOf(broker))}") };

    private static async Task<string[]> PageAsync(TestBroker broker)
    {
        using var client = ClientOf(broker);
        return (await client.GetStringAsync("/metrics")).Split('\n');
    }

    private static IEnumerable<string> LabelsOf(string line) =>
        line[(line.IndexOf('{', StringComparison.Ordinal) + 1)..line.LastIndexOf('}')]
            .Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=')[0]);

    private static double TokensOn(string[] lines) => lines
        .Where(line => line.StartsWith("token_broker_tokens_total{", StringComparison.Ordinal))
        .Sum(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
