using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

/// <summary>An installation token that this GitHub made, and what it may do.</summary>
public sealed class SandboxInstallationToken
{
    internal SandboxInstallationToken(string token, long installationId, SandboxAccount account, DateTimeOffset createdAt)
    {
        Token = token;
        InstallationId = installationId;
        AccountId = account.Id;
        AccountLogin = account.Login;
        CreatedAt = createdAt;
    }

    /// <summary>The token itself, so that tests can search for it where it must not appear.</summary>
    public string Token { get; }

    /// <summary>The installation it is of.</summary>
    public long InstallationId { get; }

    /// <summary>The owner it is of.</summary>
    public string AccountLogin { get; }

    /// <summary>What it may do.</summary>
    public required ImmutableSortedDictionary<string, string> Permissions { get; init; }

    /// <summary>The repositories it is narrowed to; null when it is not.</summary>
    public required ImmutableHashSet<long>? Repositories { get; init; }

    /// <summary>When it stops working.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    internal long AccountId { get; }

    /// <summary>By the clock that tests drive, not by this GitHub's, since it measures the age.</summary>
    internal DateTimeOffset CreatedAt { get; }
}
