namespace TokenBroker.Failures;

/// <summary>One occurrence of a row of the failure table.</summary>
/// <param name="Kind">The row.</param>
/// <param name="Detail">What to tell the caller. Never a token, a key, a claim of another's or a policy.</param>
public sealed record Failure(FailureKind Kind, string Detail)
{
    /// <summary>How long the caller should wait, counted from the moment the failure happened; null where waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long it is still remembered, where it is told from memory; null for what its kind says.</summary>
    public TimeSpan? Remembered { get; init; }

    /// <summary>The fields at fault, for a request that is not valid.</summary>
    public IReadOnlyList<FieldFault> Fields { get; init; } = [];
}
