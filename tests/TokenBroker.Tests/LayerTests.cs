using System.Text.RegularExpressions;

namespace TokenBroker.Tests;

public sealed partial class LayerTests
{
    // Lowest first, as docs/architecture.md lists them: a folder imports only from folders before it.
    private static readonly string[] Layers =
    [
        "Configuration", "Scopes", "Telemetry", "Failures", "Caching", "Authentication", "Authorization", "Auditing", "RateLimiting",
        "GitHub", "Runners", "Callers", "Swagger", "Hosting", "Commands",
    ];

    private static readonly string Broker = Path.Combine(HouseTests.Root, "src", "TokenBroker");

    [Fact]
    public void Folders_import_only_from_layers_below_them()
    {
        var upward =
            from file in Directory.EnumerateFiles(Broker, "*.cs", SearchOption.AllDirectories)
            let path = Path.GetRelativePath(Broker, file)
            let layer = Array.IndexOf(Layers, path.Split(Path.DirectorySeparatorChar)[0])
            where layer >= 0
            from Match import in Import().Matches(File.ReadAllText(file))
            where Array.IndexOf(Layers, import.Groups["folder"].Value) > layer
            select $"{path} imports {import.Groups["folder"].Value}";

        Assert.Empty(upward);
    }

    [Fact]
    public void Every_folder_belongs_to_a_layer()
    {
        var folders = Directory.EnumerateDirectories(Broker)
            .Select(folder => Path.GetFileName(folder)!)
            .Except(["bin", "obj", "Properties"]);

        Assert.Equal(Layers.Order(), folders.Order());
    }

    // A using line, or a name that is spelled out.
    [GeneratedRegex(@"\bTokenBroker\.(?<folder>[A-Z][A-Za-z]+)\b", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Import();
}
