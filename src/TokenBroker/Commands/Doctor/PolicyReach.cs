using TokenBroker.Authorization;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>What the policies let callers reach at GitHub.</summary>
internal sealed class PolicyReach
{
    private PolicyReach(IReadOnlyList<PolicyTarget> places, IReadOnlyList<string> open, IReadOnlyList<Permission> permissions, bool reachesEnterprises)
    {
        Places = places;
        Open = open;
        Permissions = permissions;
        ReachesEnterprises = reachesEnterprises;
    }

    /// <summary>The places that can be asked about.</summary>
    public IReadOnlyList<PolicyTarget> Places { get; }

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
            .Select(group => new PolicyTarget(
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

/// <summary>A place at GitHub that policies name, and the most that they allow there.</summary>
/// <param name="Kind">Which of the three forms it is.</param>
/// <param name="Owner">The account or the enterprise, lower case.</param>
/// <param name="Repository">The repository; null for what is none, and for several repositories of the owner.</param>
/// <param name="Writes">Whether more than looking is allowed.</param>
/// <param name="Policies">Who names it.</param>
internal sealed record PolicyTarget(ScopeKind Kind, string Owner, string? Repository, bool Writes, IReadOnlyList<string> Policies)
{
    /// <summary>What the App must be granted for it.</summary>
    public Permission Permission => Permission.Of(Kind, Writes);

    /// <summary>The one scope that it is; null for several.</summary>
    public Scope? Scope => (Kind, Repository) switch
    {
        (ScopeKind.Organization, _) => Scope.ForOrganization(Owner),
        (ScopeKind.Enterprise, _) => Scope.ForEnterprise(Owner),
        (_, { } name) => Scope.ForRepository(Owner, name),
        _ => null,
    };

    /// <summary>As a policy writes it.</summary>
    public override string ToString() => Scope?.Path ?? $"repos/{Owner}/*";
}
