using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>A runner as GitHub describes it. Only documentation: GitHub's own answer is what a caller gets, with whatever it adds.</summary>
internal sealed record Runner
{
    /// <summary>Its id.</summary>
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    /// <summary>The runner group.</summary>
    [JsonPropertyName("runner_group_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RunnerGroupId { get; init; }

    /// <summary>Its name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The operating system, or <c>unknown</c> before it has connected.</summary>
    [JsonPropertyName("os")]
    public required string Os { get; init; }

    /// <summary><c>online</c> or <c>offline</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>Whether it runs a job.</summary>
    [JsonPropertyName("busy")]
    public required bool Busy { get; init; }

    /// <summary>Whether it takes one job and ends.</summary>
    [JsonPropertyName("ephemeral"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Ephemeral { get; init; }

    /// <summary>The version of its software, once it has connected.</summary>
    [JsonPropertyName("version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Version { get; init; }

    /// <summary>Its labels.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<RunnerLabel> Labels { get; init; }

    internal static readonly Runner Example = new()
    {
        Id = 23,
        RunnerGroupId = 1,
        Name = "vm-7f3a",
        Os = "linux",
        Status = "online",
        Busy = false,
        Ephemeral = true,
        Labels = [RunnerLabel.Fixed, RunnerLabel.Custom],
    };
}
