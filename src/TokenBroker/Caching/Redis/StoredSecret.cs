using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenBroker.Caching.Redis;

/// <summary>A secret as it is encrypted for Redis.</summary>
internal sealed record StoredSecret(
    [property: JsonPropertyName("value")] string Value,
    [property: JsonPropertyName("expires")] DateTimeOffset ExpiresAt,
    [property: JsonPropertyName("minted")] DateTimeOffset MintedAt)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    public static StoredSecret? Parse(string json) => JsonSerializer.Deserialize<StoredSecret>(json);

    public override string ToString() => $"a stored secret until {ExpiresAt:O}";
}
