using System.Globalization;
using System.Text.Json.Serialization;
using TokenBroker.Authorization.Grants;

namespace TokenBroker.Callers;

/// <summary>How often a policy gives its callers the same, in the words of the configuration.</summary>
internal sealed record GrantsDescription
{
    /// <summary>How many times, for each scope and operation.</summary>
    [JsonPropertyName("count")]
    public required int Count { get; init; }

    /// <summary>How long each of them counts, as <c>hh:mm:ss</c> or <c>d.hh:mm:ss</c>.</summary>
    [JsonPropertyName("within")]
    public required string Within { get; init; }

    public static GrantsDescription Of(GrantLimit limit) => new() { Count = limit.Count, Within = limit.Within.ToString("c", CultureInfo.InvariantCulture) };
}
