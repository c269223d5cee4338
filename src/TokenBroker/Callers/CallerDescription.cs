using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Authorization.Grants;
using TokenBroker.Scopes;

namespace TokenBroker.Callers;

/// <summary>What the broker knows about the caller.</summary>
internal sealed record CallerDescription
{
    /// <summary>The issuer's name in the broker's configuration.</summary>
    [JsonPropertyName("issuer")]
    public required string Issuer { get; init; }

    /// <summary>The <c>sub</c> claim.</summary>
    [JsonPropertyName("subject")]
    public required string Subject { get; init; }

    /// <summary>What distinguishes this caller from others of its issuer.</summary>
    [JsonPropertyName("caller_id")]
    public required string CallerId { get; init; }

    /// <summary>When the JWT expires.</summary>
    [JsonPropertyName("expires_at")]
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The policies that match, and at most one that only a single claim keeps from matching.</summary>
    [JsonPropertyName("policies")]
    public required IReadOnlyList<PolicyDescription> Policies { get; init; }
}

/// <summary>A policy as one caller may see it: what it allows if it matches, otherwise only the claim that does not match.</summary>
internal sealed record PolicyDescription
{
    /// <summary>The policy's name.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Whether it matches this caller.</summary>
    [JsonPropertyName("matches")]
    public required bool Matches { get; init; }

    /// <summary>The operations that it allows.</summary>
    [JsonPropertyName("operations"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Operations { get; init; }

    /// <summary>The scopes that it covers, with this caller's claims filled in.</summary>
    [JsonPropertyName("scopes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Scopes { get; init; }

    /// <summary>How often the caller may receive the same result.</summary>
    [JsonPropertyName("grants"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public GrantsDescription? Grants { get; init; }

    /// <summary>The runners that it covers.</summary>
    [JsonPropertyName("runners"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunnerBoundsDescription? Runners { get; init; }

    /// <summary>The claim that does not match.</summary>
    [JsonPropertyName("claim"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Claim { get; init; }

    /// <summary>The caller's value of the claim; null if it has none.</summary>
    [JsonPropertyName("value"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Value { get; init; }

    public static PolicyDescription Matching(Policy policy, CallerClaims caller) => new()
    {
        Name = policy.Name,
        Matches = true,
        Operations = [.. policy.Operations.Order().Select(OperationNames.NameOf)],
        Scopes = [.. policy.Scopes.Select(scope => scope.For(caller.Payload)?.Text).OfType<string>()],
        Grants = policy.Grants is { } limit ? GrantsDescription.Of(limit) : null,
        Runners = policy.Runners is { } runners ? RunnerBoundsDescription.Of(runners.For(caller.Payload)) : null,
    };

    /// <summary>A policy that a single claim keeps from matching. The caller does not learn which values the policy accepts.</summary>
    public static PolicyDescription Missed(Policy policy, ClaimPointer obstacle, CallerClaims caller) => new()
    {
        Name = policy.Name,
        Matches = false,
        Claim = obstacle.Text,
        Value = obstacle.Find(caller.Payload),
    };
}

/// <summary>How often one caller may receive the same result, as the configuration says it.</summary>
internal sealed record GrantsDescription
{
    /// <summary>How many times, per scope and operation.</summary>
    [JsonPropertyName("count")]
    public required int Count { get; init; }

    /// <summary>How long each grant counts, as <c>hh:mm:ss</c> or <c>d.hh:mm:ss</c>.</summary>
    [JsonPropertyName("within")]
    public required string Within { get; init; }

    public static GrantsDescription Of(GrantLimit limit) =>
        new() { Count = limit.Count, Within = limit.Within.ToString("c", CultureInfo.InvariantCulture) };
}

/// <summary>The runners that a policy's callers may create, change and delete.</summary>
internal sealed record RunnerBoundsDescription
{
    /// <summary>Patterns of runner names.</summary>
    [JsonPropertyName("names")]
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Patterns of labels that the caller may choose.</summary>
    [JsonPropertyName("labels")]
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Labels that every runner gets.</summary>
    [JsonPropertyName("required_labels")]
    public required IReadOnlyList<string> RequiredLabels { get; init; }

    /// <summary>Runner groups by id.</summary>
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
