namespace TokenBroker.Scopes;

/// <summary>One of the three forms of a scope in GitHub's paths, with GitHub's own names for its parts.</summary>
/// <param name="Kind">The form.</param>
/// <param name="Route">The route below which the form's endpoints are.</param>
/// <param name="OwnerParameter">GitHub's name for the account.</param>
/// <param name="Word">The word that GitHub's operation ids use for the form.</param>
/// <param name="Article">What one such scope is called in a sentence.</param>
internal sealed record ScopeForm(ScopeKind Kind, string Route, string OwnerParameter, string Word, string Article)
{
    /// <summary>Where clients of GitHub Enterprise Server look for the API.</summary>
    public const string EnterprisePrefix = "/api/v3";

    public const string RepositoryParameter = "repo";

    public static readonly IReadOnlyList<ScopeForm> All =
    [
        new(ScopeKind.Repository, "/repos/{owner}/{repo}", "owner", "repo", "a repository"),
        new(ScopeKind.Organization, "/orgs/{org}", "org", "org", "an organization"),
        new(ScopeKind.Enterprise, "/enterprises/{enterprise}", "enterprise", "enterprise", "an enterprise"),
    ];
}
