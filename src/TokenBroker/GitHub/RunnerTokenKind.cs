namespace TokenBroker.GitHub;

/// <summary>The two tokens that runners need.</summary>
public enum RunnerTokenKind
{
    /// <summary>Joins runners to a scope.</summary>
    Registration,

    /// <summary>Removes runners from a scope.</summary>
    Remove,
}
