using System.Diagnostics.CodeAnalysis;

namespace TokenBroker.Scopes;

/// <summary>
/// Where a runner is registered. GitHub compares these names case-insensitively, so a scope is kept in lower case:
/// two spellings of one organization share one token and one policy.
/// </summary>
internal sealed record Scope
{
    private Scope(ScopeKind kind, string owner, string? repository)
    {
        Kind = kind;
        Owner = owner.ToLowerInvariant();
        Repository = repository?.ToLowerInvariant();
    }

    public ScopeKind Kind { get; }

    /// <summary>The repository's owner, the organization, or the enterprise; lower case.</summary>
    public string Owner { get; }

    /// <summary>The repository's name without its owner, lower case; null for the other kinds.</summary>
    public string? Repository { get; }

    /// <summary>The scope's path in GitHub's API, without a leading slash: <c>orgs/octo-org</c>.</summary>
    public string Path => Kind switch
    {
        ScopeKind.Repository => $"repos/{Owner}/{Repository}",
        ScopeKind.Organization => $"orgs/{Owner}",
        _ => $"enterprises/{Owner}",
    };

    public static Scope ForRepository(string owner, string repository) => new(ScopeKind.Repository, owner, repository);

    public static Scope ForOrganization(string organization) => new(ScopeKind.Organization, organization, repository: null);

    /// <summary>The scope of an enterprise, by its slug or its numeric id.</summary>
    public static Scope ForEnterprise(string enterprise) => new(ScopeKind.Enterprise, enterprise, repository: null);

    /// <summary>Parses a scope as <see cref="Path"/> writes it, in upper or lower case.</summary>
    public static bool TryParse(string? path, [NotNullWhen(true)] out Scope? scope)
    {
        scope = path?.Split('/') switch
        {
            ["repos", var owner, var repository] when ScopeNames.IsAccount(owner) && ScopeNames.IsRepository(repository) =>
                ForRepository(owner, repository),
            ["orgs", var organization] when ScopeNames.IsAccount(organization) => ForOrganization(organization),
            ["enterprises", var enterprise] when ScopeNames.IsAccount(enterprise) => ForEnterprise(enterprise),
            _ => null,
        };
        return scope is not null;
    }

    /// <inheritdoc cref="Path"/>
    public override string ToString() => Path;
}

/// <summary>The three kinds of scope.</summary>
internal enum ScopeKind
{
    /// <summary>One repository: <c>repos/OWNER/REPO</c>.</summary>
    Repository,

    /// <summary>One organization: <c>orgs/ORG</c>.</summary>
    Organization,

    /// <summary>One enterprise: <c>enterprises/ENTERPRISE</c>.</summary>
    Enterprise,
}

/// <summary>
/// Which names are safe to send to GitHub. These are not the rules for new accounts: enterprise-managed users have an underscore, and
/// old logins have hyphens at the edges, so only names that GitHub could never accept are refused.
/// </summary>
internal static class ScopeNames
{
    /// <summary>The longest name of an owner, a repository or an enterprise.</summary>
    public const int MaximumLength = 100;

    /// <summary>Whether the name may be an owner, an organization or an enterprise: 1 to 100 of <c>A-Z a-z 0-9 _ -</c>.</summary>
    public static bool IsAccount(string? name) =>
        name is { Length: >= 1 and <= MaximumLength } && name.All(IsAccountCharacter);

    /// <summary>
    /// Whether the name may be a repository: the characters of an account, and dots, but not <c>.</c>, <c>..</c> or a name that ends in
    /// <c>.git</c>.
    /// </summary>
    public static bool IsRepository(string? name) =>
        name is { Length: >= 1 and <= MaximumLength } and not "." and not ".."
        && name.All(IsRepositoryCharacter)
        && !name.EndsWith(".git", StringComparison.OrdinalIgnoreCase);

    public static bool IsAccountCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-';

    public static bool IsRepositoryCharacter(char character) => IsAccountCharacter(character) || character == '.';
}
