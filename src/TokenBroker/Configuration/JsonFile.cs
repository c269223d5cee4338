using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Json;

namespace TokenBroker.Configuration;

/// <summary>
/// A configuration's JSON, from a watched file or a text. It keeps <c>true</c> and <c>false</c> as they are written. The framework turns
/// them into <c>True</c> and <c>False</c>, but policies compare claims by their JSON text, so that <c>"Matches": [true]</c> in a deny rule
/// would deny no caller.
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

/// <summary>Finds a duplicate key in a JSON file, which the framework reports as invalid JSON.</summary>
internal static class DuplicateKey
{
    /// <summary>The full path of the first duplicate key; null if there is none, or the text is not JSON.</summary>
    public static string? Find(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, JsonFile.Options);
            return Find(document.RootElement, prefix: "");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Find(JsonElement element, string prefix)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().Index()
                .Select(item => Find(item.Item, $"{prefix}{item.Index}:"))
                .FirstOrDefault(found => found is not null);
        }

        if (element.ValueKind != JsonValueKind.Object)
            return null;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in element.EnumerateObject())
        {
            if (!seen.Add(member.Name))
                return prefix + member.Name;
            if (Find(member.Value, $"{prefix}{member.Name}:") is { } below)
                return below;
        }

        return null;
    }
}
