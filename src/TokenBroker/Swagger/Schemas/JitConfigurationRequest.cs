using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>The runner that a just-in-time configuration is asked for. What is left out is filled where the policy names one value.</summary>
internal sealed record JitConfigurationRequest
{
    /// <summary>Its name, 1 to 64 characters.</summary>
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    /// <summary>The runner group.</summary>
    [JsonPropertyName("runner_group_id")]
    public long? RunnerGroupId { get; init; }

    /// <summary>All its labels, <c>self-hosted</c> among them where it is wanted; those that the policy requires are added.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Where jobs run, below the runner's own folder.</summary>
    [JsonPropertyName("work_folder")]
    public string? WorkFolder { get; init; }
}
