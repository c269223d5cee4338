using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>Labels that a request brings.</summary>
internal sealed record LabelNameList
{
    /// <summary>1 to 100 labels of 1 to 256 characters.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<string> Labels { get; init; }
}
