using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace TokenBroker.Configuration;

/// <summary>
/// A configuration's JSON, from a file that is watched or as a text. Its <c>true</c> and <c>false</c> are read as they are written: the framework
/// makes <c>True</c> and <c>False</c> of them, and a policy compares claims by their JSON text, so <c>"Matches": [true]</c> in a deny rule would
/// deny nobody.
/// </summary>
internal sealed class JsonFile : JsonConfigurationSource
{
    public static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The text of another version of the file.</summary>
    public static IConfigurationSource OfText(string text) => new TextSource { Stream = new MemoryStream(Encoding.UTF8.GetBytes(text)) };

    public override IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        EnsureDefaults(builder);
        return new WatchedProvider(this);
    }

    private static void Load(Stream stream, Action<Stream> load, Func<IDictionary<string, string?>> data)
    {
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        load(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        using var document = JsonDocument.Parse(text, Options);
        KeepBooleans(document.RootElement, path: null, data());
    }

    private static void KeepBooleans(JsonElement element, string? path, IDictionary<string, string?> data)
    {
        if (element.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            data[path!] = element.GetRawText();
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var (index, item) in element.EnumerateArray().Index())
                KeepBooleans(item, Below(path, index.ToString(CultureInfo.InvariantCulture)), data);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
                KeepBooleans(member.Value, Below(path, member.Name), data);
        }
    }

    private static string Below(string? path, string key) => path is null ? key : ConfigurationPath.Combine(path, key);

    private sealed class WatchedProvider(JsonFile source) : JsonConfigurationProvider(source)
    {
        public override void Load(Stream stream) => JsonFile.Load(stream, base.Load, () => Data);
    }

    private sealed class TextSource : JsonStreamConfigurationSource
    {
        public override IConfigurationProvider Build(IConfigurationBuilder builder) => new TextProvider(this);
    }

    private sealed class TextProvider(TextSource source) : JsonStreamConfigurationProvider(source)
    {
        public override void Load(Stream stream) => JsonFile.Load(stream, base.Load, () => Data);
    }
}
