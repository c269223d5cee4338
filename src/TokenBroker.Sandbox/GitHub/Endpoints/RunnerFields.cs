using System.Text.Json;
using System.Text.Json.Nodes;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Reads the members of a body and collects what is wrong with them.</summary>
internal sealed class RunnerFields(JsonObject body)
{
    private const int MostLabels = 100;
    private const int LongestLabel = 256;

    private readonly List<string> errors = [];

    public IReadOnlyList<string> Errors => errors;

    /// <summary>A text that is not empty.</summary>
    public string Text(string name, int longest, string? otherwise = null)
    {
        var node = body[name];
        if (node is null && otherwise is not null)
            return otherwise;
        var value = TextOf(node);
        if (node is null)
            errors.Add($"\"{name}\" wasn't supplied.");
        else if (value is null)
            errors.Add($"\"{name}\" is not a string.");
        else if (string.IsNullOrWhiteSpace(value) || value.Length > longest)
            errors.Add(FormattableString.Invariant($"\"{name}\" must have 1 to {longest} characters."));
        return value ?? "";
    }

    public long Number(string name)
    {
        var node = body[name];
        if (node is null)
            errors.Add($"\"{name}\" wasn't supplied.");
        else if (node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue<long>(out var value))
            return value;
        else
            errors.Add($"\"{name}\" is not an integer.");
        return 0;
    }

    public IReadOnlyList<string> Labels(int least)
    {
        switch (body["labels"])
        {
            case null:
                errors.Add("\"labels\" wasn't supplied.");
                return [];
            case JsonArray array:
                if (array.Count < least || array.Count > MostLabels)
                    errors.Add(FormattableString.Invariant($"\"labels\" must have {least} to {MostLabels} items."));
                var labels = array.Select(TextOf).ToArray();
                if (labels.Any(label => string.IsNullOrWhiteSpace(label) || label.Length > LongestLabel))
                    errors.Add(FormattableString.Invariant($"\"labels\" must be strings of 1 to {LongestLabel} characters."));
                return [.. labels.OfType<string>()];
            default:
                errors.Add("\"labels\" is not an array.");
                return [];
        }
    }

    private static string? TextOf(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;
}
