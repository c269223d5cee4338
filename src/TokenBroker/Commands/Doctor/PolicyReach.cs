using TokenBroker.Authorization;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>What the policies let callers reach at GitHub.</summary>
internal sealed class PolicyReach
{
    private PolicyReach(IReadOnlyList<NamedPlace> places, IReadOnlyList<string> open, IReadOnlyList<Permission> permissions, bool reachesEnterprises)
    {
        Places = places;
        Open = open;
        Permissions = permissions;
        ReachesEnterprises = reachesEnterprises;
    }

    /// <summary>The places that can be asked about.</summary>
    public IReadOnlyList<NamedPlace> Places { get; }

    /// <summary>Scopes whose owner only a caller's claims or a pattern tell.</summary>
    public IReadOnlyList<string> Open { get; }

    /// <summary>All that the App must be granted somewhere.</summary>
    public IReadOnlyList<Permission> Permissions { get; }

    /// <summary>Whether any policy names an enterprise.</summary>
    public bool ReachesEnterprises { get; }

    public static PolicyReach Of(PolicySet policies)
    {
        var named = policies.All
            .SelectMany(policy => policy.Scopes.Select(rule => (Policy: policy.Name, Rule: rule.Text, Parts: rule.Text.ToLowerInvariant().Split('/'), Writes: policy.Operations.Any(operation => operation != Operation.Read))))
            .ToLookup(one => IsOpen(one.Rule));
        var places = named[false]
            .GroupBy(one => (Kind: KindOf(one.Rule), Owner: one.Parts[1], Repository: RepositoryOf(one.Parts)))
            .Select(group => new NamedPlace(
                group.Key.Kind, group.Key.Owner, group.Key.Repository, group.Any(one => one.Writes), [.. group.Select(one => one.Policy).Distinct(StringComparer.Ordinal)]))
            .ToList();
        var needs = named.SelectMany(group => group).Select(one => (Kind: KindOf(one.Rule), one.Writes)).ToList();
        return new PolicyReach(
            places,
            [.. named[true].Select(one => one.Rule).Distinct(StringComparer.Ordinal)],
            [.. needs.Where(need => need.Kind != ScopeKind.Enterprise).GroupBy(need => need.Kind).Select(group => Permission.ForKind(group.Key, group.Any(need => need.Writes)))],
            needs.Any(need => need.Kind == ScopeKind.Enterprise));
    }

    private static bool IsOpen(string rule) => rule.Contains('{') || rule.Split('/')[1].Contains('*');

    private static string? RepositoryOf(string[] parts) => parts.Length == 3 && !parts[2].Contains('*') ? parts[2] : null;

    private static ScopeKind KindOf(string rule) => rule.Split('/')[0].ToLowerInvariant() switch
    {
        "repos" => ScopeKind.Repository,
        "orgs" => ScopeKind.Organization,
        _ => ScopeKind.Enterprise,
    };
}
