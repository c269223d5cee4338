using System.Text.Json.Serialization;

namespace TokenBroker.Callers;

/// <summary>What the broker knows of whoever asks.</summary>
internal sealed record CallerDescription
{
    /// <summary>The issuer's name in the broker's configuration.</summary>
    [JsonPropertyName("issuer")]
    public required string Issuer { get; init; }

    /// <summary>The <c>sub</c> claim.</summary>
    [JsonPropertyName("subject")]
    public required string Subject { get; init; }

    /// <summary>What tells this caller from others of its issuer.</summary>
    [JsonPropertyName("caller_id")]
    public required string CallerId { get; init; }

    /// <summary>When its JWT ends.</summary>
    [JsonPropertyName("expires_at")]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The policies that match, and at most one that a single claim keeps away.</summary>
    [JsonPropertyName("policies")]
    public required IReadOnlyList<PolicyDescription> Policies { get; init; }
}
