namespace TokenBroker.Failures;

/// <summary>Carries a <see cref="Failures.Failure"/> up from where it happened to where a request is answered.</summary>
/// <param name="failure">What happened.</param>
/// <param name="cause">What it came of, for the operator; no caller is told.</param>
public sealed class FailureException(Failure failure, Exception? cause = null) : Exception(failure.Detail, cause)
{
    /// <summary>What happened.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>Whether GitHub said it of this one request, so that it is told to nobody else.</summary>
    public bool IsOfRequest { get; init; }

    /// <summary>What GitHub said to it, for the operator; no caller is told. Null where it said nothing.</summary>
    public string? GitHubMessage { get; init; }
}
