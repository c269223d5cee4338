namespace TokenBroker.Failures;

/// <summary>
/// One row of the failure table: what a caller sees of it, and what the cache does about it.
/// The kinds there are stand in <see cref="FailureKinds"/>.
/// </summary>
public sealed record FailureKind
{
    /// <summary>The kind's name, the last part of the problem's <c>type</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The HTTP status of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>The problem's title: the same words for every occurrence.</summary>
    public required string Title { get; init; }

    /// <summary>
    /// How long a mint that ended so is not tried again for its key. Null for a failure that may pass at any moment: 2 s, doubling to 30 s.
    /// Zero where the credential's own memory keeps GitHub from being asked.
    /// </summary>
    public TimeSpan? Remembered { get; init; }

    /// <summary>Whether GitHub said no, so that what is cached for the scope must go; otherwise a token that still lives is handed out.</summary>
    public bool EndsCachedTokens { get; init; }

    /// <summary>Whether callers are sent back at slightly different times, so that they do not return as one.</summary>
    public bool SpreadsRetries { get; init; }

    /// <summary>By how much of the wait the last of them comes later than the first. Default a tenth.</summary>
    public double Spread { get; init; } = 0.1;

    /// <summary>The problem's <c>type</c>, RFC 9457.</summary>
    public string Type => "urn:token-broker:problem:" + Name;
}
