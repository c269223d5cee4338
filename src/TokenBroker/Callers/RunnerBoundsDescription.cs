using System.Text.Json.Serialization;
using TokenBroker.Authorization;

namespace TokenBroker.Callers;

/// <summary>The runners that a policy's callers may make, change and delete.</summary>
internal sealed record RunnerBoundsDescription
{
    /// <summary>Patterns of names.</summary>
    [JsonPropertyName("names")]
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Patterns of labels that the caller may choose.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Labels that every runner has.</summary>
    [JsonPropertyName("required_labels")]
    public required IReadOnlyList<string> RequiredLabels { get; init; }

    /// <summary>Runner groups.</summary>
    [JsonPropertyName("group_ids")]
    public required IReadOnlyList<long> GroupIds { get; init; }

    /// <summary>Patterns of work folders.</summary>
    [JsonPropertyName("work_folders")]
    public required IReadOnlyList<string> WorkFolders { get; init; }

    public static RunnerBoundsDescription Of(RunnerBounds bounds) => new()
    {
        Names = [.. bounds.Names.Select(pattern => pattern.Text)],
        Labels = [.. bounds.Labels.Select(pattern => pattern.Text)],
        RequiredLabels = bounds.RequiredLabels,
        GroupIds = bounds.GroupIds,
        WorkFolders = [.. bounds.WorkFolders.Select(pattern => pattern.Text)],
    };
}
