namespace TokenBroker.Sandbox.GitHub;

/// <summary>A label of a runner; <c>read-only</c> ones come from the runner itself, <c>custom</c> ones from people.</summary>
public sealed record SandboxRunnerLabel(long Id, string Name, bool Custom);
