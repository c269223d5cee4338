using TokenBroker.Authorization;
using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>What the policies let callers reach at GitHub.</summary>
internal sealed class PolicyReach
{
    private PolicyReach(
        IReadOnlyList<PolicyTarget> targets,
        IReadOnlyList<string> callerDependent,
        IReadOnlyList<Permission> permissions,
        bool reachesEnterprises)
    {
        Targets = targets;
        CallerDependent = callerDependent;
        Permissions = permissions;
        ReachesEnterprises = reachesEnterprises;
    }

    /// <summary>What GitHub can be asked about.</summary>
    public IReadOnlyList<PolicyTarget> Targets { get; }

    /// <summary>Scopes whose owner is a pattern, or depends on a caller's claims.</summary>
    public IReadOnlyList<string> CallerDependent { get; }

    /// <summary>Every permission that the App needs on some account.</summary>
    public IReadOnlyList<Permission> Permissions { get; }

    public bool ReachesEnterprises { get; }

    public static PolicyReach FromPolicies(PolicySet policies)
    {
        var rules = policies.All
            .SelectMany(policy => policy.Scopes.Select(rule => NamedScope.Parse(policy, rule.Text)))
            .ToLookup(rule => rule.IsCallerDependent);
        var targets = rules[false]
            .GroupBy(rule => (rule.Kind, rule.Owner, rule.Repository))
            .Select(group => new PolicyTarget(
                group.Key.Kind,
                group.Key.Owner,
                group.Key.Repository,
                group.Any(rule => rule.Writes),
                [.. group.Select(rule => rule.Policy).Distinct(StringComparer.Ordinal)]))
            .ToList();
        var all = rules.SelectMany(group => group).ToList();
        var permissions = all
            .Where(rule => rule.Kind != ScopeKind.Enterprise)
            .GroupBy(rule => rule.Kind)
            .Select(group => Permission.ForKind(group.Key, group.Any(rule => rule.Writes)));
        return new PolicyReach(
            targets,
            [.. rules[true].Select(rule => rule.Text).Distinct(StringComparer.Ordinal)],
            [.. permissions],
            all.Exists(rule => rule.Kind == ScopeKind.Enterprise));
    }

    private sealed record NamedScope(string Policy, string Text, ScopeKind Kind, string Owner, string? Repository, bool Writes)
    {
        public bool IsCallerDependent => Text.Contains('{') || Owner.Contains('*');

        public static NamedScope Parse(Policy policy, string text)
        {
            var parts = text.ToLowerInvariant().Split('/');
            var kind = parts[0] switch
            {
                "repos" => ScopeKind.Repository,
                "orgs" => ScopeKind.Organization,
                _ => ScopeKind.Enterprise,
            };
            var repository = parts.Length == 3 && !parts[2].Contains('*') ? parts[2] : null;
            return new NamedScope(
                policy.Name, text, kind, parts[1], repository, policy.Operations.Any(operation => operation != Operation.Read));
        }
    }
}

/// <summary>An organization, repository or enterprise in the policies, or several repositories of one owner.</summary>
/// <param name="Kind">Which of the three it is.</param>
/// <param name="Owner">The account or the enterprise, in lower case.</param>
/// <param name="Repository">Null unless it is one repository.</param>
/// <param name="Writes">Whether some policy allows more than reading.</param>
/// <param name="Policies">The policies that name it.</param>
internal sealed record PolicyTarget(ScopeKind Kind, string Owner, string? Repository, bool Writes, IReadOnlyList<string> Policies)
{
    /// <summary>The permission that the App needs for it.</summary>
    public Permission Permission => Permission.ForKind(Kind, Writes);

    /// <summary>Null for several repositories.</summary>
    public Scope? Scope => (Kind, Repository) switch
    {
        (ScopeKind.Organization, _) => Scope.ForOrganization(Owner),
        (ScopeKind.Enterprise, _) => Scope.ForEnterprise(Owner),
        (_, { } name) => Scope.ForRepository(Owner, name),
        _ => null,
    };

    /// <summary>As a policy writes it.</summary>
    public override string ToString() => Scope?.Path ?? $"repos/{Owner}/*";

    public string DescribePolicies() => DescribePolicies([this]);

    public static string DescribePolicies(IEnumerable<PolicyTarget> targets)
    {
        var names = targets.SelectMany(target => target.Policies).Distinct(StringComparer.Ordinal);
        return string.Join(", ", names.Select(name => $"policy '{name}'"));
    }
}
