namespace TokenBroker.Sandbox.GitHub;

/// <summary>An enterprise, found by its slug or its id.</summary>
public sealed record SandboxEnterprise(long Id, string Slug);
