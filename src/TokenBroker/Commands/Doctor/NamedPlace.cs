using TokenBroker.GitHub;
using TokenBroker.Scopes;

namespace TokenBroker.Commands.Doctor;

/// <summary>A place at GitHub that policies name, and the most that they allow there.</summary>
/// <param name="Kind">Which of the three forms it is.</param>
/// <param name="Owner">The account or the enterprise, lower case.</param>
/// <param name="Repository">The repository; null for what is none, and for several repositories of the owner.</param>
/// <param name="Writes">Whether more than looking is allowed.</param>
/// <param name="Policies">Who names it.</param>
internal sealed record NamedPlace(ScopeKind Kind, string Owner, string? Repository, bool Writes, IReadOnlyList<string> Policies)
{
    /// <summary>What the App must be granted for it.</summary>
    public Permission Permission => Permission.ForKind(Kind, Writes);

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
