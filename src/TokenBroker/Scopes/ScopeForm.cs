namespace TokenBroker.Scopes;

/// <summary>How GitHub's paths and documents write one kind of scope.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Route">The route prefix of its endpoints.</param>
/// <param name="OwnerParameter">GitHub's name for the owner's path parameter.</param>
/// <param name="Word">The word for it in GitHub's operation ids.</param>
/// <param name="Article">Its name in a sentence, with its article.</param>
internal sealed record ScopeForm(ScopeKind Kind, string Route, string OwnerParameter, string Word, string Article)
{
    /// <summary>The prefix that clients of GitHub Enterprise Server put before every path of the API.</summary>
    public const string EnterprisePrefix = "/api/v3";

    public const string RepositoryParameter = "repo";

    public static readonly IReadOnlyList<ScopeForm> All =
    [
        new(ScopeKind.Repository, "/repos/{owner}/{repo}", "owner", "repo", "a repository"),
        new(ScopeKind.Organization, "/orgs/{org}", "org", "org", "an organization"),
        new(ScopeKind.Enterprise, "/enterprises/{enterprise}", "enterprise", "enterprise", "an enterprise"),
    ];
}
