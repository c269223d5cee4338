using System.Runtime.CompilerServices;

namespace TokenBroker.Tests;

/// <summary>Rules for the source that no analyzer checks.</summary>
public sealed class HouseTests
{
    private const int MaximumColumns = 140;
    private static readonly string[] Folders = ["src", "tests"];
    internal static readonly string Root = Path.GetFullPath(Path.Combine(SourceFolder(), "..", ".."));

    [Fact]
    public void No_line_is_longer_than_140_columns()
    {
        var longLines = from folder in Folders
                        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
                        let path = Path.GetRelativePath(Root, file)
                        where !IsBuilt(path)
                        from line in File.ReadLines(file).Index()
                        where line.Item.Length > MaximumColumns && !IsAddress(line.Item)
                        select $"{path}:{line.Index + 1} has {line.Item.Length} columns";
        Assert.Empty(longLines);
    }

    // An address cannot be wrapped.
    private static bool IsAddress(string line) => line.TrimStart().StartsWith("// See https://", StringComparison.Ordinal);

    private static bool IsBuilt(string path) =>
        path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules");

    private static string SourceFolder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
