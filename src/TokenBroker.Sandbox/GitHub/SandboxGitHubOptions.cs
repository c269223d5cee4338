namespace TokenBroker.Sandbox.GitHub;

/// <summary>How a <see cref="SandboxGitHub"/> is set up. Every default is ready to use.</summary>
public sealed class SandboxGitHubOptions
{
    /// <summary>The port on loopback; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Listens on all of the machine's addresses, as a container must, and not on loopback alone.</summary>
    public bool OnAllAddresses { get; init; }

    /// <summary>The clock of this GitHub; tests drive it by hand.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The client id of the one GitHub App.</summary>
    public string AppClientId { get; init; } = "Iv23sandbox";

    /// <summary>The numeric id of the one GitHub App.</summary>
    public long AppId { get; init; } = 4711;

    /// <summary>The App's private key as PEM. Making one takes a moment, so tests share one; null makes a new one.</summary>
    public string? AppKey { get; init; }

    /// <summary>The classic personal access token that enterprise endpoints take; null makes one up.</summary>
    public string? EnterpriseToken { get; init; }

    /// <summary>How long every response takes, in real time and not by <see cref="TimeProvider"/>.</summary>
    public TimeSpan UpstreamDelay { get; init; }

    /// <summary>How long registration and remove tokens live.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long installation tokens live.</summary>
    public TimeSpan InstallationTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What installation tokens look like.</summary>
    public SandboxTokenShape TokenShape { get; init; }

    /// <summary>
    /// Answers 400 to a body that is chunked or not declared as <c>application/json</c>, as a proxy in front of GitHub does. GitHub
    /// itself accepts both.
    /// </summary>
    public bool StrictBodies { get; init; } = true;

    /// <summary>Requests per hour that a credential may send to a resource.</summary>
    public int RateLimit { get; init; } = 5_000;

    /// <summary>
    /// Answers 404 on repository scope unless the installation token is narrowed to that repository, as for an App made at
    /// enterprise level.
    /// </summary>
    public bool RequireNarrowedTokens { get; init; }
}
