namespace TokenBroker.Sandbox.GitHub;

/// <summary>The runner's software that this GitHub offers.</summary>
public static class SandboxRunnerRelease
{
    /// <summary>The present version; older ones have a date on which they end.</summary>
    public const string Version = "2.335.0";
}
