using System.Text.Json.Serialization;

namespace TokenBroker.Swagger.Schemas;

/// <summary>A token as GitHub describes it. Only documentation: GitHub's own answer is what a caller gets.</summary>
internal sealed record RunnerToken
{
    /// <summary>The token used for authentication.</summary>
    [JsonPropertyName("token")]
    public required string Token { get; init; }

    /// <summary>The time this token expires, as GitHub wrote it: at times with milliseconds and an offset.</summary>
    [JsonPropertyName("expires_at")]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the token may do, where GitHub says so.</summary>
    [JsonPropertyName("permissions")]
    public IDictionary<string, string>? Permissions { get; init; }

    /// <summary>Whether all repositories were selected, where GitHub says so: <c>all</c> or <c>selected</c>.</summary>
    [JsonPropertyName("repository_selection")]
    public string? RepositorySelection { get; init; }

    /// <summary>A file the token is restricted to, where GitHub says so.</summary>
    [JsonPropertyName("single_file")]
    public string? SingleFile { get; init; }
}
