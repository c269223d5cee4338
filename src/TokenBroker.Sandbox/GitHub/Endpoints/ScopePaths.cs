using System.Globalization;

namespace TokenBroker.Sandbox.GitHub.Endpoints;

/// <summary>Finds the scope that a path names.</summary>
internal static class ScopePaths
{
    /// <summary>The forms in which a runner's scope stands before <c>/actions/runners</c>; GitHub's own links use those by id.</summary>
    public static IReadOnlyList<string> Patterns { get; } =
    [
        "/repos/{owner}/{repo}",
        "/repositories/{repository_id:long}",
        "/orgs/{org}",
        "/organizations/{organization_id:long}",
        "/enterprises/{enterprise}",
    ];

    public static SandboxScope? Find(HttpContext context, SandboxAccounts accounts)
    {
        if (Value(context, "repo") is { } repository)
            return accounts.FindRepositoryScope(Value(context, "owner")!, repository);
        if (Value(context, "repository_id") is { } repositoryId)
            return accounts.FindRepositoryScope(long.Parse(repositoryId, CultureInfo.InvariantCulture));
        if (Value(context, "org") is { } organization)
            return accounts.FindOrganizationScope(organization);
        if (Value(context, "organization_id") is { } organizationId)
            return accounts.FindOrganizationScope(long.Parse(organizationId, CultureInfo.InvariantCulture));
        return Value(context, "enterprise") is { } enterprise ? accounts.FindEnterpriseScope(enterprise) : null;
    }

    /// <summary>Where a repository of a former name is now, as a path by id.</summary>
    public static string? FindMoved(HttpContext context, SandboxAccounts accounts) =>
        Value(context, "repo") is { } repository && accounts.FindFormerName(Value(context, "owner")!, repository) is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"repositories/{id}")
            : null;

    private static string? Value(HttpContext context, string name) => (string?)context.Request.RouteValues[name];
}
