using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace TokenBroker.Testing;

/// <summary>The metrics as docs/telemetry.md lists them.</summary>
internal static class MetricList
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);

    public static IReadOnlyList<Row> Read() =>
    [
        .. from line in File.ReadLines(Path.Combine(SourceFolder(), "..", "..", "docs", "telemetry.md"))
           where line.StartsWith("| `token_broker.", StringComparison.Ordinal)
           let cells = line.Split('|', StringSplitOptions.TrimEntries)
           select new Row(cells[1].Trim('`'), cells[2].Trim('`'), cells[3].Trim('`'), Labels(cells[4]), cells[5]),
    ];

    // A label's name is what stands before its values.
    private static IReadOnlyList<string> Labels(string cell) =>
        [.. cell.Split([';', ','])
            .Select(part => Regex.Match(part, "^ *`(?<name>[a-z.]+)`", RegexOptions.ExplicitCapture, LongestMatch))
            .Where(match => match.Success)
            .Select(match => match.Groups["name"].Value)];

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    internal sealed record Row(string Name, string InPrometheus, string Unit, IReadOnlyList<string> Labels, string Meaning)
    {
        public bool IsHistogram => Meaning.StartsWith("histogram", StringComparison.Ordinal);
    }
}
