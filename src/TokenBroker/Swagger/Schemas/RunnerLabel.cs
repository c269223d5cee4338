using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>A label of a runner.</summary>
internal sealed record RunnerLabel
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Id { get; init; }

    /// <summary>Its name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary><c>read-only</c> for those that the runner brings itself, or <c>custom</c>.</summary>
    [JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    internal static readonly RunnerLabel Fixed = new() { Id = 5, Name = "self-hosted", Type = "read-only" };

    internal static readonly RunnerLabel Custom = new() { Id = 20, Name = "gpu", Type = "custom" };
}
