using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>When a version of the runner ends.</summary>
internal sealed record RunnerDeprecation
{
    /// <summary>The version.</summary>
    [JsonPropertyName("runner_version")]
    public required string RunnerVersion { get; init; }

    /// <summary>From when it can no longer be registered; null where that is not decided.</summary>
    [JsonPropertyName("registration_deprecates_at")]
    public DateTimeOffset? RegistrationDeprecatesAt { get; init; }
}
