using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>A page of a scope's runners.</summary>
internal sealed record RunnerPage
{
    /// <summary>How many there are on all pages.</summary>
    [JsonPropertyName("total_count")]
    public required int TotalCount { get; init; }

    /// <summary>Those of this page.</summary>
    [JsonPropertyName("runners")]
    public required IReadOnlyList<Runner> Runners { get; init; }
}
