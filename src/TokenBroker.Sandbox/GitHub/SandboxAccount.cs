using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>A user or an organization as it stood when asked for.</summary>
public sealed record SandboxAccount(long Id, string Login, SandboxAccountType Type)
{
    /// <summary>The App's installation, or null where it is not installed.</summary>
    public SandboxInstallation? Installation { get; init; }

    /// <summary>The repositories of this account.</summary>
    public ImmutableArray<SandboxRepository> Repositories { get; init; } = [];
}
