namespace TokenBroker.Sandbox.GitHub;

/// <summary>A registration or remove token that this GitHub made.</summary>
/// <param name="Path">The path it was asked for by, without <c>/api/v3</c>: its scope and its kind.</param>
/// <param name="ExpiresAt">When it ends, by this GitHub's clock.</param>
public sealed record SandboxRunnerToken(string Path, DateTimeOffset ExpiresAt);
