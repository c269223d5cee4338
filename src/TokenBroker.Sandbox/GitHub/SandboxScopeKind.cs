namespace TokenBroker.Sandbox.GitHub;

internal enum SandboxScopeKind
{
    Repository,
    Organization,
    Enterprise,
}
