using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TokenBroker.Tests.Auditing;

/// <summary>What docs/audit.md and SECURITY.md tell to do is done here, on events of a real broker.</summary>
public sealed class AuditDocumentTests
{
    private static readonly string Root = Path.Combine(SourceFolder(), "..", "..", "..");
    private static readonly string Audit = File.ReadAllText(Path.Combine(Root, "docs", "audit.md"));
    private static readonly string Security = File.ReadAllText(Path.Combine(Root, "SECURITY.md"));
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_line_that_searches_finds()
    {
        Assert.SkipUnless(IsInstalled("jq") && IsInstalled("openssl") && IsInstalled("bash"), "The lines need bash, jq and openssl.");
        await using var broker = await TestBroker.StartAsync();
        var token = "";
        foreach (var machine in new[] { "vm-1", "vm-2", "vm-1" })
        {
            using var response = await broker.PostAsync(
                RunnerApi.Organization + "/registration-token",
                broker.Issuer.Sign(new { sub = machine }));
            token = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("token").GetString()!;
        }

        using var other = await broker.PostAsync(
            "/repos/octo-org/hello/actions/runners/registration-token",
            broker.Issuer.Sign(new { sub = "vm-3" }));
        using var made = await broker.PostAsync(RunnerApi.Jit, broker.Issuer.Sign(new { sub = "vm-9" }), request =>
            request.Content = new StringContent("""{ "name": "job-1", "runner_group_id": 1, "labels": [ "x" ] }"""));
        using var denied = await broker.PostAsync(
            "/orgs/octo-two/actions/runners/registration-token",
            broker.Issuer.Sign(new { sub = "vm-1" }));
        await broker.Audit.EventsAsync("token-broker.audit", 6);
        using var files = new TemporaryFolder();
        var folder = Path.GetDirectoryName(files.Write("audit.jsonl", broker.Audit.Text))!;

        var whose = await RunAsync(folder, token, Block(Audit, "HASH="));
        Assert.Equal(
            ["token-broker.mint ", "token-broker.audit vm-1", "token-broker.audit vm-2", "token-broker.audit vm-1"],
            whose.Select(line => $"{line["event"]} {line["caller_id"]}"));
        Assert.Equal(3, (await RunAsync(folder, token, Block(Audit, "caller_id == $machine) | {time, outcome"))).Count);
        Assert.Equal(
            ["vm-1 2", "vm-2 1"],
            (await RunAsync(folder, token, Block(Audit, "unique) as $hashes"))).Select(line => $"{line["caller_id"]} {line["times"]}"));
        var runner = broker.RunnerOf("job-1");
        Assert.Equal([runner.Id], (await RunAsync(folder, token, Block(
            Audit,
            "IN(\"jitconfig\", \"delete\")"), machine: "vm-9")).Select(line => (long)line["runner_id"]!));

        var found = await TextAsync(folder, token, Block(Security, "HASH="));
        Assert.Equal(3, found.Count);
        Assert.Equal((string?)JsonNode.Parse(found[0])!["expires_at"], found[^1]);
        Assert.Equal($"[{runner.Id}]", string
            .Concat(await TextAsync(folder, token, Block(Security, "map(select(.operation == \"jitconfig\"")))
            .Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Runners_are_listed_and_deleted_and_a_caller_is_blocked()
    {
        Assert.SkipUnless(IsInstalled("jq") && IsInstalled("curl") && IsInstalled("bash"), "The lines need bash, jq and curl.");
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
            configuration["Authorization"]!["Policies"]!["sandbox-machines"]!.AsObject().Add(
                "DenyClaims", JsonNode.Parse("{" + Block(Security, "DenyClaims") + "}")!["DenyClaims"]!.DeepClone()));
        var stranger = broker.GitHub.Runners.Add("orgs/octo-org", "stranger");
        var listed = await RunAsync(Path.GetTempPath(), "", Prepare(broker, stranger.Id) + Block(Security, "per_page=100"));
        Assert.Contains(listed, one => (long)one["id"]! == stranger.Id);
        await TextAsync(Path.GetTempPath(), "", Prepare(broker, stranger.Id) + Block(Security, "-X DELETE"));
        Assert.DoesNotContain(broker.GitHub.Runners.List("orgs/octo-org"), one => one.Id == stranger.Id);

        var taken = broker.Issuer.Sign(new { sub = "vm-1", google = new { compute_engine = new { instance_id = "4520031799277581759" } } });
        using var blocked = await broker.PostAsync(RunnerApi.Organization + "/registration-token", taken);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, blocked.StatusCode);
        (await broker.SendAsync("POST", RunnerApi.Organization + "/registration-token")).Is(201);
    }

    [Fact]
    public void The_example_lines_hold_only_members_that_the_table_explains()
    {
        var lines = Block(Audit, "\"event\":\"token-broker.audit\"", language: "json").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (var member in lines.SelectMany(line => JsonNode.Parse(line)!.AsObject())
            .Select(member => member.Key)
            .Where(name => name != "event")
            .Distinct(StringComparer.Ordinal))
            Assert.Matches($"(?m)^\\|[^|]*`{member}`", Audit);
    }

    private static string Prepare(TestBroker broker, long runner) =>
        $"BROKER={broker.Address.GetLeftPart(UriPartial.Authority)}\nJWT={broker.Issuer.Sign()}\nRUNNER={runner}\n";

    private static async Task<IReadOnlyList<JsonNode>> RunAsync(string folder, string token, string script, string machine = "vm-1") =>
        [.. (await TextAsync(folder, token, script, machine)).Select(line => JsonNode.Parse(line)!)];

    private static async Task<IReadOnlyList<string>> TextAsync(string folder, string token, string script, string machine = "vm-1")
    {
        var start = new ProcessStartInfo("bash", ["-eu", "-o", "pipefail", "-c", script])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["TOKEN"] = token;
        start.Environment["MACHINE"] = machine;
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(LongestWait);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        var text = await process.StandardOutput.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, script + await errors);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // Those of a list are indented.
    private static string Block(string document, string containing, string language = "(?:bash|json)") => Regex
        .Matches(document, $"```{language}\n(.*?)```", RegexOptions.Singleline, TimeSpan.FromSeconds(5))
        .Select(match => Regex.Replace(match.Groups[1].Value, "(?m)^   ", "", RegexOptions.None, TimeSpan.FromSeconds(5)))
        .Single(block => block.Contains(containing, StringComparison.Ordinal));

    private static bool IsInstalled(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, tool)));

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
