using System.Text.Json;

namespace TokenBroker.Configuration;

/// <summary>Finds a key that a JSON file has twice, which the framework tells in words that blame the JSON.</summary>
internal static class DuplicateKey
{
    /// <summary>The first such key, with what it stands below; null where there is none, or the file is not JSON.</summary>
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
            return element.EnumerateArray().Index().Select(item => Find(item.Item, $"{prefix}{item.Index}:")).FirstOrDefault(found => found is not null);
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
