using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Authorization.Grants;
using TokenBroker.Scopes;

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

/// <summary>The runners that a policy's callers may make, change and delete.</summary>
internal sealed record RunnerBoundsDescription
{
    /// <summary>Patterns of names.</summary>
    [JsonPropertyName("names")]
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Patterns of labels that the caller may choose.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Labels that every runner has.</summary>
    [JsonPropertyName("required_labels")]
    public required IReadOnlyList<string> RequiredLabels { get; init; }

    /// <summary>Runner groups.</summary>
    [JsonPropertyName("group_ids")]
    public required IReadOnlyList<long> GroupIds { get; init; }

    /// <summary>Patterns of work folders.</summary>
    [JsonPropertyName("work_folders")]
    public required IReadOnlyList<string> WorkFolders { get; init; }

    public static RunnerBoundsDescription Of(RunnerBounds bounds) => new()
    {
        Names = [.. bounds.Names.Select(pattern => pattern.Text)],
        Labels = [.. bounds.Labels.Select(pattern => pattern.Text)],
        RequiredLabels = bounds.RequiredLabels,
        GroupIds = bounds.GroupIds,
        WorkFolders = [.. bounds.WorkFolders.Select(pattern => pattern.Text)],
    };
}
