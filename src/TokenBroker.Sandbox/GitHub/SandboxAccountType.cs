namespace TokenBroker.Sandbox.GitHub;

/// <summary>The two kinds of owner; the names are what GitHub answers as <c>type</c>.</summary>
public enum SandboxAccountType
{
    Organization,

    User,
}
