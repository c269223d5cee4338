using System.Diagnostics.CodeAnalysis;

namespace TokenBroker.Scopes;

/// <summary>
/// What a runner is registered to. GitHub compares these names without regard to case, so a scope is kept in lower case:
/// two spellings of one organisation share one token and one policy.
/// </summary>
public sealed record Scope
{
    private Scope(ScopeKind kind, string owner, string? repository)
    {
        Kind = kind;
        Owner = owner.ToLowerInvariant();
        Repository = repository?.ToLowerInvariant();
    }

    /// <summary>Which of the three forms this is.</summary>
    public ScopeKind Kind { get; }

    /// <summary>The account that owns the repository, the organisation, or the enterprise; lower case.</summary>
    public string Owner { get; }

    /// <summary>The repository's name without its owner, lower case; null for the other forms.</summary>
    public string? Repository { get; }

    /// <summary>The path under which GitHub's API keeps this scope, without a leading slash: <c>orgs/octo-org</c>.</summary>
    public string Path => Kind switch
    {
        ScopeKind.Repository => $"repos/{Owner}/{Repository}",
        ScopeKind.Organization => $"orgs/{Owner}",
        _ => $"enterprises/{Owner}",
    };

    /// <summary>The scope of one repository.</summary>
    public static Scope ForRepository(string owner, string repository) => new(ScopeKind.Repository, owner, repository);

    /// <summary>The scope of an organisation.</summary>
    public static Scope ForOrganization(string organization) => new(ScopeKind.Organization, organization, repository: null);

    /// <summary>The scope of an enterprise, by its slug or its numeric id.</summary>
    public static Scope ForEnterprise(string enterprise) => new(ScopeKind.Enterprise, enterprise, repository: null);

    /// <summary>Reads a scope as <see cref="Path"/> writes it, in any letter case.</summary>
    public static bool TryParse(string? path, [NotNullWhen(true)] out Scope? scope)
    {
        scope = path?.Split('/') switch
        {
            ["repos", var owner, var repository] when ScopeNames.IsAccount(owner) && ScopeNames.IsRepository(repository) => ForRepository(owner, repository),
            ["orgs", var organization] when ScopeNames.IsAccount(organization) => ForOrganization(organization),
            ["enterprises", var enterprise] when ScopeNames.IsAccount(enterprise) => ForEnterprise(enterprise),
            _ => null,
        };
        return scope is not null;
    }

    /// <inheritdoc cref="Path"/>
    public override string ToString() => Path;
}
