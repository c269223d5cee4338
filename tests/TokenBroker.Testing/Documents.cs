using System.Runtime.CompilerServices;

namespace TokenBroker.Testing;

/// <summary>The README and the pages of docs, for tests of what they say.</summary>
internal static class Documents
{
    public static IEnumerable<string> Read()
    {
        var root = Path.Combine(SourceFolder(), "..", "..");
        return Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md")
            .Order(StringComparer.Ordinal)
            .Prepend(Path.Combine(root, "README.md"))
            .Select(File.ReadAllText);
    }

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
