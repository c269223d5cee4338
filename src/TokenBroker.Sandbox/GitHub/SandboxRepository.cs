namespace TokenBroker.Sandbox.GitHub;

/// <summary>A repository; its id outlives its name.</summary>
public sealed record SandboxRepository(long Id, string Owner, string Name)
{
    /// <summary>OWNER/NAME.</summary>
    public string FullName => $"{Owner}/{Name}";
}
