using System.Text.RegularExpressions;

namespace TokenBroker.Tests;

/// <summary>Links lead somewhere, and no command stands in a page that nothing runs.</summary>
public sealed class DocumentationTests
{
    private const int LongestReadme = 150;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Every block of commands, by some of its text, and the file, in .ci or below tests, that runs it or sets the same variables.
    /// </summary>
    private static readonly (string Page, string Text, string RunBy)[] Commands =
    [
        ("README.md", "src/TokenBroker.Sandbox", "60-sandbox.sh"),
        ("README.md", "dotnet test", "20-tests.sh"),
        ("README.md", "dotnet publish src", "50-readme.sh"),
        ("README.md", "dll doctor", "ReadmeTests.cs"),
        ("README.md", "METADATA=", "ReadmeTests.cs"),
        ("SECURITY.md", "HASH=", "AuditDocumentTests.cs"),
        ("SECURITY.md", "per_page=100", "AuditDocumentTests.cs"),
        ("SECURITY.md", "map(select(.operation", "AuditDocumentTests.cs"),
        ("SECURITY.md", "-X DELETE", "AuditDocumentTests.cs"),
        ("docs/audit.md", "HASH=", "AuditDocumentTests.cs"),
        ("docs/audit.md", "caller_id == $machine) | {time, outcome", "AuditDocumentTests.cs"),
        ("docs/audit.md", "unique) as $hashes", "AuditDocumentTests.cs"),
        ("docs/audit.md", "IN(\"jitconfig\", \"delete\")", "AuditDocumentTests.cs"),
        ("docs/callers.md", "instance/service-accounts", "CommandTests.cs"),
        ("docs/callers.md", "metadata/identity", "CommandTests.cs"),
        ("docs/callers.md", "ACTIONS_ID_TOKEN_REQUEST_URL", "CommandTests.cs"),
        ("docs/callers.md", "/openid/v1/jwks >", "callers.sh"),
        ("docs/callers.md", "kubectl create token runner", "callers.sh"),
        ("docs/callers.md", "grant_type=client_credentials", "provider.test.js"),
        ("docs/callers.md", "openssl genrsa", "OwnKeyTests.cs"),
        ("docs/callers.md", "CONTENT=", "OwnKeyTests.cs"),
        ("docs/callers.md", "Accept: text/plain", "OwnKeyTests.cs"),
        ("docs/clients.md", "API=", "documentation.test.js"),
        ("docs/clients.md", "Accept: text/plain\" https", "documentation.test.js"),
        ("docs/clients.md", "./config.sh", "documentation.test.js"),
        ("docs/clients.md", "./run.sh", "documentation.test.js"),
        ("docs/clients.md", "GH_HOST", "documentation.test.js"),
        ("docs/deployment.md", "docker cp", "image.sh"),
        ("docs/deployment.md", "linux-arm64", "supply.sh"),
        ("docs/deployment.md", "docker-compose up", "compose.sh"),
        ("docs/deployment.md", "helm upgrade", "cluster.sh"),
        ("docs/deployment.md", "Kestrel__Endpoints", "HttpsTests.cs"),
        ("docs/performance.md", "-- compare\n", "40-benchmarks.sh"),
        ("docs/performance.md", "-- throughput", "40-benchmarks.sh"),
        ("docs/redis.md", "redis-server", "70-replicas.sh"),
        ("docs/reliability.md", "SOAK_SECONDS", "50-readme.sh"),
        ("docs/sandbox.md", "8082/token", "60-sandbox.sh"),
        ("docs/sandbox.md", "bad-gateway", "60-sandbox.sh"),
        ("docs/sandbox.md", "clock_offset", "60-sandbox.sh"),
        ("docs/telemetry.md", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "TelemetryTests.cs"),
        ("docs/troubleshooting.md", "explain --config", "ReadmeTests.cs"),
        ("docs/troubleshooting.md", "https://broker.example/caller", "CommandTests.cs"),
        ("docs/troubleshooting.md", "fromjson", "CommandTests.cs"),
        ("charts/token-broker/README.md", "helm install", "cluster.sh"),
    ];

    /// <summary>Blocks that need what no test has: a cloud's own tool, a pod of a release.</summary>
    private static readonly (string Page, string Text)[] NotRun =
    [
        ("docs/audit.md", "kubectl logs"),
        ("docs/callers.md", "aws sts"),
        ("docs/callers.md", "cat /var/run/secrets"),
        ("docs/callers.md", "buildkite-agent"),
        ("docs/callers.md", "spire-agent"),
        ("docs/troubleshooting.md", "kubectl exec deploy/token-broker -- dotnet TokenBroker.dll doctor"),
    ];

    public static TheoryData<string> Pages => [.. Documentation.Pages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_block_of_commands_is_run_by_something(string page)
    {
        var known = Commands.Select(one => (one.Page, one.Text)).Concat(NotRun)
            .Where(one => one.Page == page)
            .Select(one => one.Text)
            .ToList();
        var blocks = Documentation.Blocks(page, "bash").ToList();
        Assert.All(blocks, block => Assert.Contains(known, text => block.Contains(text, StringComparison.Ordinal)));
        Assert.All(known, text => Assert.Single(blocks, block => block.Contains(text, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_runs_them_exists()
    {
        string[] folders = [".ci", "tests"];
        var files = folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Documentation.Root, folder), "*", SearchOption.AllDirectories))
            .Select(Path.GetFileName)
            .ToHashSet(StringComparer.Ordinal);
        Assert.All(Commands, one => Assert.Contains(one.RunBy, files));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_or_a_heading(string page)
    {
        foreach (var link in Links(page))
        {
            var parts = link.Split('#', 2);
            var target = parts[0].Length == 0 ? page : Target(page, parts[0]);
            Assert.True(Path.Exists(Path.Combine(Documentation.Root, target)), $"{page} links to {link}, which does not exist.");
            if (parts.Length == 2)
                Assert.True(Anchors(target).Contains(parts[1]), $"{page} links to {link}, and {target} has no such heading.");
        }
    }

    [Fact]
    public void The_README_stays_short() =>
        Assert.InRange(Documentation.Read("README.md").TrimEnd().Split('\n').Length, 1, LongestReadme);

    [Fact]
    public void Every_page_of_the_documentation_can_be_reached_from_the_README()
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        Visit("README.md");
        Assert.Empty(Documentation.Pages.Except(reached, StringComparer.Ordinal));

        void Visit(string page)
        {
            if (!reached.Add(page))
                return;
            foreach (var file in Links(page).Select(link => link.Split('#')[0]))
            {
                if (file.EndsWith(".md", StringComparison.Ordinal))
                    Visit(Target(page, file));
            }
        }
    }

    private static IEnumerable<string> Links(string page) => Regex
        .Matches(Prose(page), @"\]\((?<link>[^)\s]+)\)", RegexOptions.ExplicitCapture, LongestMatch)
        .Select(match => match.Groups["link"].Value)
        .Where(link => !link.Contains("://", StringComparison.Ordinal));

    private static string Target(string page, string link) =>
        Path.GetRelativePath(Documentation.Root, Path.Combine(Documentation.Root, Path.GetDirectoryName(page)!, link)).Replace('\\', '/');

    // GitHub's rule: lower case, no punctuation, hyphens for spaces.
    private static HashSet<string> Anchors(string page) => Regex
        .Matches(WithoutBlocks(page), "^#+ (?<heading>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, LongestMatch)
        .Select(match => match.Groups["heading"].Value.ToLowerInvariant())
        .Select(heading => Regex.Replace(heading, @"[^\w\- ]", "", RegexOptions.None, LongestMatch).Replace(' ', '-'))
        .ToHashSet(StringComparer.Ordinal);

    private static string Prose(string page) => Regex.Replace(WithoutBlocks(page), "`[^`\n]*`", "", RegexOptions.None, LongestMatch);

    private static string WithoutBlocks(string page) =>
        Regex.Replace(Documentation.Read(page), "^ *```.*?^ *```$", "", RegexOptions.Singleline | RegexOptions.Multiline, LongestMatch);
}
