namespace TokenBroker.Scopes;

/// <summary>The three places a runner can be registered to.</summary>
public enum ScopeKind
{
    /// <summary>One repository: <c>repos/OWNER/REPO</c>.</summary>
    Repository,

    /// <summary>One organisation: <c>orgs/ORG</c>.</summary>
    Organization,

    /// <summary>One enterprise: <c>enterprises/ENTERPRISE</c>.</summary>
    Enterprise,
}
