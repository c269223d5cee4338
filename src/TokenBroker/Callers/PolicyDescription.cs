using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Callers;

/// <summary>A policy, as far as one caller may know it: what it allows if it matches, else only what keeps the caller away.</summary>
internal sealed record PolicyDescription
{
    /// <summary>Its name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Whether it is for this caller.</summary>
    [JsonPropertyName("matches")]
    public required bool Matches { get; init; }

    /// <summary>What it allows.</summary>
    [JsonPropertyName("operations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Operations { get; init; }

    /// <summary>Where, with this caller's claims in place.</summary>
    [JsonPropertyName("scopes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>How often.</summary>
    [JsonPropertyName("grants"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GrantsDescription? Grants { get; init; }

    /// <summary>On which runners.</summary>
    [JsonPropertyName("runners"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunnerBoundsDescription? Runners { get; init; }

    /// <summary>The claim that keeps the caller away.</summary>
    [JsonPropertyName("claim"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Claim { get; init; }

    /// <summary>What the caller has there; null where it has nothing.</summary>
    [JsonPropertyName("value"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Value { get; init; }

    /// <summary>A policy that is for the caller.</summary>
    public static PolicyDescription Matching(Policy policy, CallerClaims caller) => new()
    {
        Name = policy.Name,
        Matches = true,
        Operations = [.. policy.Operations.Order().Select(OperationNames.NameOf)],
        Scopes = [.. policy.Scopes.Select(scope => scope.For(caller.Payload)?.Text).OfType<string>()],
        Grants = policy.Grants is { } limit ? GrantsDescription.Of(limit) : null,
        Runners = policy.Runners is { } runners ? RunnerBoundsDescription.Of(runners.For(caller.Payload)) : null,
    };

    /// <summary>A policy that one claim keeps from the caller. What is wanted of the claim is not the caller's business.</summary>
    public static PolicyDescription Missed(Policy policy, ClaimPointer obstacle, CallerClaims caller) => new()
    {
        Name = policy.Name,
        Matches = false,
        Claim = obstacle.Text,
        Value = obstacle.Find(caller.Payload),
    };
}
