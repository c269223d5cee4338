using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Caching.Redis;

/// <summary>A failure as it is encrypted for Redis.</summary>
internal sealed record StoredFailure(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("detail")] string Detail,
    [property: JsonPropertyName("retry_after")] TimeSpan? RetryAfter,
    [property: JsonPropertyName("failures")] int Failures,
    [property: JsonPropertyName("failed")] DateTimeOffset FailedAt,
    [property: JsonPropertyName("remembered")] TimeSpan? Remembered = null)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    public static StoredFailure? Parse(string json) => JsonSerializer.Deserialize<StoredFailure>(json);
}
