using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>The labels of a runner.</summary>
internal sealed record RunnerLabelList
{
    /// <summary>How many.</summary>
    [JsonPropertyName("total_count")]
    public required int TotalCount { get; init; }

    /// <summary>The labels.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<RunnerLabel> Labels { get; init; }

    internal static readonly RunnerLabelList Example = new() { TotalCount = 2, Labels = [RunnerLabel.Fixed, RunnerLabel.Custom] };
}
