using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TokenBroker.Tests.Callers.Recipes;

/// <summary>docs/callers.md, by its headings.</summary>
internal static class CallersPage
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);
    private static readonly string Text = File.ReadAllText(Path.Combine(SourceFolder(), "..", "..", "..", "..", "docs", "callers.md"));

    /// <summary>The headings under which there is a configuration.</summary>
    public static IEnumerable<string> Recipes =>
        Sections().Where(section => Blocks(section.Text, "jsonc").Count > 0).Select(section => section.Heading);

    /// <summary>The configuration under a heading.</summary>
    public static JsonObject Configuration(string heading) =>
        JsonNode.Parse(Blocks(Section(heading), "jsonc")
            .Single(), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!.AsObject();

    /// <summary>The shell lines under a heading, a block each.</summary>
    public static IReadOnlyList<string> Lines(string heading) => Blocks(Section(heading), "bash");

    /// <summary>The rows of the table under a heading, without its head, a text each cell.</summary>
    public static IEnumerable<IReadOnlyList<string>> Rows(string heading) => Section(heading).Split('\n')
        .Where(line => line.StartsWith('|'))
        .Skip(2)
        .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    private static string Section(string heading) => Sections().Single(section => section.Heading == heading).Text;

    private static IEnumerable<(string Heading, string Text)> Sections() => Regex
        .Split(Text, "^##+ ", RegexOptions.Multiline, LongestMatch)
        .Skip(1)
        .Select(section => (section.Split('\n', 2)[0], section));

    private static List<string> Blocks(string section, string language) =>
        [.. Regex.Matches(section, $"^```{language}\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline, LongestMatch)
            .Select(match => match.Groups[1].Value)];

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
