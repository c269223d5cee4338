namespace TokenBroker.Sandbox.GitHub;

/// <summary>What runners register to.</summary>
/// <param name="Kind">Which of the three forms.</param>
/// <param name="Path">The form by id that GitHub uses in its own links; also the key of the scope's runners.</param>
/// <param name="Account">The owner; null for an enterprise.</param>
/// <param name="Repository">Only for a repository.</param>
internal sealed record SandboxScope(SandboxScopeKind Kind, string Path, SandboxAccount? Account, SandboxRepository? Repository)
{
    public static SandboxScope Of(SandboxAccount account, SandboxRepository repository) =>
        new(SandboxScopeKind.Repository, FormattableString.Invariant($"repositories/{repository.Id}"), account, repository);

    public static SandboxScope Of(SandboxAccount organization) =>
        new(SandboxScopeKind.Organization, FormattableString.Invariant($"organizations/{organization.Id}"), organization, Repository: null);

    public static SandboxScope Of(SandboxEnterprise enterprise) =>
        new(SandboxScopeKind.Enterprise, $"enterprises/{enterprise.Slug}", Account: null, Repository: null);
}
