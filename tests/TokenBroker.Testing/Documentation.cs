using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace TokenBroker.Testing;

/// <summary>The repository's pages, named by their path from its root.</summary>
internal static class Documentation
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);
    private static readonly string[] Folders = ["", "docs", "charts/token-broker"];

    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    /// <summary>Every page of the repository.</summary>
    public static IEnumerable<string> Pages { get; } =
        [.. Folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md"))
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    public static string Read(string page) => File.ReadAllText(Path.Combine(Root, page));

    /// <summary>The page's one block in the language that contains the text.</summary>
    public static string Block(string page, string language, string containing) =>
        Blocks(page, language).Single(block => block.Contains(containing, StringComparison.Ordinal));

    /// <summary>The page's blocks in the language, without the indent of those in a list.</summary>
    public static IEnumerable<string> Blocks(string page, string language) => Regex
        .Matches(Read(page), $"^( *)```{language}\n(.*?)^ *```$", RegexOptions.Singleline | RegexOptions.Multiline, LongestMatch)
        .Select(match => Regex.Replace(match.Groups[2].Value, "(?m)^" + match.Groups[1].Value, "", RegexOptions.None, LongestMatch));

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
