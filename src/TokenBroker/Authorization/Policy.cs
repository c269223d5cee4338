using System.Collections.Frozen;
using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.Authorization.Grants;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>A policy, compiled.</summary>
internal sealed record Policy(
    string Name,
    string Issuer,
    IReadOnlyList<ClaimRule> Claims,
    IReadOnlyList<ScopeRule> Scopes,
    IReadOnlySet<Operation> Operations,
    RunnerRules? Runners)
{
    /// <summary>Claims that end the policy's match; no other's.</summary>
    public IReadOnlyList<DenyRule> DenyClaims { get; init; } = [];

    /// <summary>How old something may be that a claim tells the beginning of; null for any age.</summary>
    public ClaimAge? MaximumClaimAge { get; init; }

    /// <summary>The least life of a token that the policy's callers get; null for the cache's own minimum.</summary>
    public TimeSpan? MinimumRemainingLifetime { get; init; }

    /// <summary>How often one caller is given the same; null for any number of times.</summary>
    public GrantLimit? Grants { get; init; }

    private int Conditions => Claims.Count + DenyClaims.Count + (MaximumClaimAge is null ? 0 : 1);

    /// <summary>
    /// Whether the caller is one of those that the policy is for. A policy without claims is a fault; should one get here, it is for nobody.
    /// </summary>
    public bool IsFor(CallerClaims caller)
    {
        if (Claims.Count == 0)
            return false;
        for (var condition = 0; condition < Conditions; condition++)
        {
            if (Obstacle(condition, caller) is not null)
                return false;
        }

        return true;
    }

    /// <summary>The claims that keep the caller away, found one at a time.</summary>
    public IEnumerable<ClaimPointer> Obstacles(CallerClaims caller) =>
        Enumerable.Range(0, Conditions).Select(condition => Obstacle(condition, caller)).OfType<ClaimPointer>();

    /// <summary>Whether one of the claims that must not be is.</summary>
    public bool Denies(CallerClaims caller) => DenyClaims.Any(rule => rule.Denies(caller));

    /// <summary>Whether the policy names the scope for a caller with these claims.</summary>
    public bool Names(Scope scope, JsonElement claims)
    {
        for (var rule = 0; rule < Scopes.Count; rule++)
        {
            if (Scopes[rule].Matches(scope, claims))
                return true;
        }

        return false;
    }

    /// <summary>Whether the policy counts how often a caller is given this.</summary>
    public bool Counts(Operation operation) => Grants is not null && OperationNames.Granted.Contains(operation);

    // The claims come first, then those that must not be, then the age.
    private ClaimPointer? Obstacle(int condition, CallerClaims caller)
    {
        if (condition < Claims.Count)
            return Claims[condition].IsMetBy(caller) ? null : Claims[condition].Claim;

        condition -= Claims.Count;
        if (condition < DenyClaims.Count)
            return DenyClaims[condition].Denies(caller) ? DenyClaims[condition].Claim : null;

        return MaximumClaimAge!.IsMetBy(caller) ? null : MaximumClaimAge.Claim;
    }
}

/// <summary>All policies, compiled once. Options that compile were validated at start, so a fault here is the broker's own.</summary>
internal sealed class PolicySet
{
    private readonly ILookup<string, Policy> byIssuer;
    private readonly FrozenDictionary<string, PolicyIndex> indexes;

    /// <summary>A set of policies that are compiled already.</summary>
    public PolicySet(IEnumerable<Policy> policies)
    {
        byIssuer = policies.ToLookup(policy => policy.Issuer, StringComparer.OrdinalIgnoreCase);
        indexes = byIssuer.ToFrozenDictionary(own => own.Key, own => new PolicyIndex(own), StringComparer.OrdinalIgnoreCase);
        LongestGrants = All.Max(policy => policy.Grants?.Within) ?? TimeSpan.Zero;
    }

    /// <summary>Compiles validated options.</summary>
    public static PolicySet Compile(PolicyListOptions options) => new(options.Policies.Select(policy => Compile(policy.Key, policy.Value)));

    /// <summary>Every policy.</summary>
    public IEnumerable<Policy> All => byIssuer.SelectMany(policies => policies);

    /// <summary>The longest that a grant counts for any policy; zero where none counts any.</summary>
    public TimeSpan LongestGrants { get; }

    /// <summary>The policies of one issuer, by its name in the configuration.</summary>
    public IEnumerable<Policy> Of(string issuer) => byIssuer[issuer];

    /// <summary>The policies that are for a caller, in the configuration's order.</summary>
    public IReadOnlyList<Policy> For(CallerClaims caller) => indexes.TryGetValue(caller.Issuer, out var own) ? own.For(caller) : [];

    private static Policy Compile(string name, PolicyOptions options) => new(
        name,
        options.Issuer!,
        [.. options.Claims.Select(Compile)],
        [.. options.Scopes.Select(text => ScopeRule.TryParse(text, out var scope) ? scope : throw Fault(name, text))],
        options.Operations.Select(text => OperationNames.TryParse(text, out var operation) ? operation : throw Fault(name, text)).ToHashSet(),
        options.Runners is { } runners ? RunnerRules.Compile(runners) : null)
    {
        DenyClaims = [.. options.DenyClaims.Select(CompileDenial)],
        MaximumClaimAge = options.MaximumClaimAge is { } age ? new ClaimAge(Pointer(age.Claim), age.Age) : null,
        MinimumRemainingLifetime = options.MinimumRemainingLifetime,
        Grants = options.Grants is { } grants ? GrantLimit.Compile(grants) : null,
    };

    private static ClaimRule Compile(ClaimOptions claim) => new(Pointer(claim.Claim), [.. claim.Matches.Select(text => new Pattern(text))]);

    private static DenyRule CompileDenial(ClaimOptions claim) => new(Pointer(claim.Claim), [.. claim.Matches.Select(text => new Pattern(text, crossesSeparators: true))]);

    private static ClaimPointer Pointer(string? text) => ClaimPointer.TryParse(text, out var pointer) ? pointer : throw Fault("claim", text);

    private static InvalidOperationException Fault(string where, string? text) => new($"{where}: '{text}' passed validation and does not compile.");
}
