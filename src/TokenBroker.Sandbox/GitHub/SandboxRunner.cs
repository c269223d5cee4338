using System.Collections.Immutable;

namespace TokenBroker.Sandbox.GitHub;

public sealed record SandboxRunner(long Id, string Name)
{
    /// <summary>The operating system, as GitHub answers it.</summary>
    public string OperatingSystem { get; init; } = "Linux";

    /// <summary>Whether the runner is connected.</summary>
    public bool Online { get; init; }

    /// <summary>Whether the runner works on a job; a busy one cannot be deleted.</summary>
    public bool Busy { get; init; }

    /// <summary>Whether the runner leaves after one job.</summary>
    public bool Ephemeral { get; init; }

    public long RunnerGroupId { get; init; } = 1;

    /// <summary>The version of the runner's software; null until it has been connected once.</summary>
    public string? Version { get; init; }

    public ImmutableArray<SandboxRunnerLabel> Labels { get; init; } = [];
}
