using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace TokenBroker.FaultTests;

/// <summary>
/// A real Prometheus of a test's own that takes OTLP and fetches what it is told to, on a free port, ended with the test by its id.
/// </summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder files = new();
    private readonly Process process;
    private readonly HttpClient client;

    private PrometheusServer(string program, int port, string? rules)
    {
        if (rules is not null)
            files.Write("rules.yaml", rules);
        var configuration = files.Write("prometheus.yml", """
            global: { evaluation_interval: 500ms }
            rule_files: [ "rules*.yaml" ]
            storage: { tsdb: { out_of_order_time_window: 10m } }
            otlp: { promote_resource_attributes: [ service.name, service.instance.id ] }
            scrape_configs:
              - { job_name: token-broker, scrape_interval: 500ms, scrape_timeout: 500ms,
                  file_sd_configs: [ { files: [ "pages*.json" ], refresh_interval: 500ms } ] }
            """);
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        process = Process.Start(new ProcessStartInfo(program, [
            "--config.file=" + configuration, "--storage.tsdb.path=" + files.PathOf("data"), "--web.listen-address=" + address,
            "--web.enable-otlp-receiver", "--query.lookback-delta=15s", "--log.level=warn"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        client = new HttpClient { BaseAddress = new Uri("http://" + address), Timeout = TimeSpan.FromSeconds(30) };
    }

    /// <summary>What makes a broker send its metrics here, twice a second.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment =>
    [
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", new Uri(client.BaseAddress!, "/api/v1/otlp/v1/metrics").AbsoluteUri),
        ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
    ];

    /// <summary>Lets it fetch the metrics from pages on these ports of this machine.</summary>
    public void Fetch(IEnumerable<int> ports) => files.Write("pages.json", new JsonArray(new JsonObject
    {
        ["targets"] = new JsonArray([.. ports.Select(port => (JsonNode)string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"))]),
    }).ToJsonString());

    /// <summary>Starts one, or skips the test where there is none: with REQUIRE_PROMETHEUS=1 that is a failure.</summary>
    public static async Task<PrometheusServer> StartAsync(string? rules = null)
    {
        var program = FindOrSkip("prometheus", "PROMETHEUS");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var server = new PrometheusServer(program, port, rules);
        await Eventually.IsTrueAsync(server.IsReadyAsync, "Prometheus got ready");
        return server;
    }

    /// <summary>A tool of Prometheus', named by a variable or on the PATH.</summary>
    public static string FindOrSkip(string tool, string variable)
    {
        var found = System.Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named
            ? named
            : (System.Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(Path.PathSeparator)
                .Select(folder => Path.Combine(folder, tool))
                .FirstOrDefault(File.Exists);
        if (found is null)
        {
            var reason = $"There is no {tool} on the PATH, and {variable} names none.";
            Assert.False(System.Environment.GetEnvironmentVariable("REQUIRE_PROMETHEUS") == "1", reason);
            Assert.Skip(reason);
        }

        return found;
    }

    /// <summary>The labels of all series that a query gives at present.</summary>
    public async Task<IReadOnlyList<JsonObject>> QueryAsync(string query)
    {
        using var content = new FormUrlEncodedContent([new("query", query)]);
        using var response = await client.PostAsync(new Uri("/api/v1/query", UriKind.Relative), content);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True((string?)answer["status"] == "success", $"{query}: {answer["error"]}");
        return [.. answer["data"]!["result"]!.AsArray().Select(series => series!["metric"]!.AsObject())];
    }

    /// <summary>Every value that any label has, but for the replicas' own names, which begin with the machine's.</summary>
    public async Task<IReadOnlyList<string>> LabelValuesAsync()
    {
        var values = new List<string>();
        foreach (var label in (await GetListAsync("/api/v1/labels")).Except(["instance", "service_instance_id"], StringComparer.Ordinal))
            values.AddRange(await GetListAsync($"/api/v1/label/{label}/values"));
        return values;
    }

    /// <summary>The names of all alerts that fire.</summary>
    public async Task<IReadOnlyList<string>> FiringAsync() =>
        [.. (await QueryAsync("ALERTS{alertstate=\"firing\"}"))
            .Select(alert => (string)alert["alertname"]!)
            .Distinct(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        files.Dispose();
    }

    private async Task<IEnumerable<string>> GetListAsync(string path) =>
        JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative)))!["data"]!.AsArray().Select(item => (string)item!);

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(process.HasExited, "Prometheus does not start.");
        try
        {
            using var response = await client.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
