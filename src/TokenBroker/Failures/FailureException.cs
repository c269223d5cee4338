namespace TokenBroker.Failures;

/// <summary>Carries a <see cref="Failures.Failure"/> up from where it happened to where a request is answered.</summary>
public sealed class FailureException(Failure failure) : Exception(failure.Detail)
{
    /// <summary>What happened.</summary>
    public Failure Failure { get; } = failure;
}
