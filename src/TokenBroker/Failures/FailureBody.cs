using System.Text.Json.Serialization;

namespace TokenBroker.Failures;

/// <summary>The body of an error: the members of RFC 9457 beside those that GitHub's clients read.</summary>
internal sealed record FailureBody
{
    /// <example>urn:token-broker:problem:policy-denied</example>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("title")]
    public required string Title { get; init; }

    [JsonPropertyName("status")]
    public required int Status { get; init; }

    [JsonPropertyName("detail")]
    public required string Detail { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("documentation_url")]
    public required string DocumentationUrl { get; init; }

    [JsonPropertyName("request_id")]
    public required string RequestId { get; init; }

    [JsonPropertyName("errors"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<FieldFault>? Errors { get; init; }
}
