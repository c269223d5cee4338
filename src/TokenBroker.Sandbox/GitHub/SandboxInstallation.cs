using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>The App installed on one account.</summary>
public sealed record SandboxInstallation(long Id)
{
    /// <summary>What the account's owner granted: permission to <c>read</c>, <c>write</c> or <c>admin</c>.</summary>
    public ImmutableSortedDictionary<string, string> Permissions { get; init; } = SandboxPermissions.Usual;

    /// <summary>The ids of the chosen repositories; null means all of them.</summary>
    public ImmutableHashSet<long>? SelectedRepositories { get; init; }

    /// <summary>Since when it is suspended, or null.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }

    internal bool Covers(SandboxRepository repository) => SelectedRepositories?.Contains(repository.Id) ?? true;
}
