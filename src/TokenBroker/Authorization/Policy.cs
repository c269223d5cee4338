using System.Collections.Frozen;
using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.Authorization.Grants;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>A compiled policy.</summary>
internal sealed record Policy(
    string Name,
    string Issuer,
    IReadOnlyList<ClaimRule> Claims,
    IReadOnlyList<ScopeRule> Scopes,
    IReadOnlySet<Operation> Operations,
    RunnerRules? Runners)
{
    /// <summary>Claims that keep a caller from this policy, and from no other.</summary>
    public IReadOnlyList<DenyRule> DenyClaims { get; init; } = [];

    /// <summary>The oldest time that a claim may hold; null for any.</summary>
    public ClaimAge? MaximumClaimAge { get; init; }

    /// <summary>The least remaining lifetime of tokens for the policy's callers; null for the cache's own minimum.</summary>
    public TimeSpan? MinimumRemainingLifetime { get; init; }

    /// <summary>How often one caller may receive the same result; null for any number of times.</summary>
    public GrantLimit? Grants { get; init; }

    private int Conditions => Claims.Count + DenyClaims.Count + (MaximumClaimAge is null ? 0 : 1);

    /// <summary>
    /// Whether the policy applies to the caller. A policy without claims is a fault; should one get here, it applies to no caller.
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

    /// <summary>The claims that keep the caller from the policy, evaluated lazily.</summary>
    public IEnumerable<ClaimPointer> Obstacles(CallerClaims caller) =>
        Enumerable.Range(0, Conditions).Select(condition => Obstacle(condition, caller)).OfType<ClaimPointer>();

    /// <summary>Whether a deny rule denies the caller.</summary>
    public bool Denies(CallerClaims caller) => DenyClaims.Any(rule => rule.Denies(caller));

    /// <summary>Whether the policy covers the scope, for a caller with these claims.</summary>
    public bool Names(Scope scope, JsonElement claims)
    {
        for (var rule = 0; rule < Scopes.Count; rule++)
        {
            if (Scopes[rule].Matches(scope, claims))
                return true;
        }

        return false;
    }

    /// <summary>Whether the policy limits how often a caller may do this.</summary>
    public bool Counts(Operation operation) => Grants is not null && OperationNames.Granted.Contains(operation);

    // The claims come first, then the deny rules, then the age.
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

/// <summary>All policies, compiled once. The options were validated before, so a fault here is a defect of the broker.</summary>
internal sealed class PolicySet
{
    private readonly ILookup<string, Policy> byIssuer;
    private readonly FrozenDictionary<string, PolicyIndex> indexes;

    public PolicySet(IEnumerable<Policy> policies)
    {
        byIssuer = policies.ToLookup(policy => policy.Issuer, StringComparer.OrdinalIgnoreCase);
        indexes = byIssuer.ToFrozenDictionary(own => own.Key, own => new PolicyIndex(own), StringComparer.OrdinalIgnoreCase);
        LongestGrants = All.Max(policy => policy.Grants?.Within) ?? TimeSpan.Zero;
    }

    /// <summary>Compiles validated options.</summary>
    public static PolicySet Compile(PolicyListOptions options) =>
        new(options.Policies.Select(policy => Compile(policy.Key, policy.Value)));

    public IEnumerable<Policy> All => byIssuer.SelectMany(policies => policies);

    /// <summary>The longest time that a grant counts under any policy; zero if no policy counts grants.</summary>
    public TimeSpan LongestGrants { get; }

    /// <summary>The policies of one issuer, by its name in the configuration.</summary>
    public IEnumerable<Policy> Of(string issuer) => byIssuer[issuer];

    /// <summary>The policies that apply to a caller, in the configuration's order.</summary>
    public IReadOnlyList<Policy> For(CallerClaims caller) =>
        indexes.TryGetValue(caller.Issuer, out var own) ? own.For(caller) : [];

    private static Policy Compile(string name, PolicyOptions options) => new(
        name,
        options.Issuer!,
        [.. options.Claims.Select(Compile)],
        [.. options.Scopes.Select(text => ScopeRule.TryParse(text, out var scope) ? scope : throw Fault(name, text))],
        options.Operations
            .Select(text => OperationNames.TryParse(text, out var operation) ? operation : throw Fault(name, text))
            .ToHashSet(),
        options.Runners is { } runners ? RunnerRules.Compile(runners) : null)
    {
        DenyClaims = [.. options.DenyClaims.Select(CompileDenial)],
        MaximumClaimAge = options.MaximumClaimAge is { } age ? new ClaimAge(Pointer(age.Claim), age.Age) : null,
        MinimumRemainingLifetime = options.MinimumRemainingLifetime,
        Grants = options.Grants is { } grants ? GrantLimit.Compile(grants) : null,
    };

    private static ClaimRule Compile(ClaimOptions claim) =>
        new(Pointer(claim.Claim), [.. claim.Matches.Select(text => new Pattern(text))]);

    private static DenyRule CompileDenial(ClaimOptions claim) =>
        new(Pointer(claim.Claim), [.. claim.Matches.Select(text => new Pattern(text, crossesSeparators: true))]);

    private static ClaimPointer Pointer(string? text) =>
        ClaimPointer.TryParse(text, out var pointer) ? pointer : throw Fault("claim", text);

    private static InvalidOperationException Fault(string where, string? text) =>
        new($"{where}: '{text}' passed validation but does not compile.");
}
