using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>A just-in-time configuration as GitHub describes it. Only documentation: GitHub's own answer is what a caller gets.</summary>
internal sealed record JitConfiguration
{
    /// <summary>The runner that was made.</summary>
    [JsonPropertyName("runner")]
    public required Runner Runner { get; init; }

    /// <summary>What the runner is started with: <c>run.sh --jitconfig</c>.</summary>
    [JsonPropertyName("encoded_jit_config")]
    public required string EncodedJitConfig { get; init; }
}
