using System.Collections.Frozen;
using TokenBroker.Authentication;
using TokenBroker.Authorization.Grants;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>All policies, compiled once. Options that compile were validated at start, so a fault here is the broker's own.</summary>
public sealed class PolicySet
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
