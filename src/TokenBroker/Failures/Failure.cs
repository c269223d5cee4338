using System.Text.Json.Serialization;

namespace TokenBroker.Failures;

/// <summary>One occurrence of a row of the failure table.</summary>
/// <param name="Kind">The row.</param>
/// <param name="Detail">What the caller reads. Never a token, a key, another caller's claim or a policy.</param>
public sealed record Failure(FailureKind Kind, string Detail)
{
    /// <summary>How long the caller should wait, counted from the failure; null if waiting does not help.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How much longer it is remembered, for a failure answered from memory; null for what its kind says.</summary>
    public TimeSpan? Remembered { get; init; }

    /// <summary>The fields at fault, for a request that is not valid.</summary>
    public IReadOnlyList<FieldFault> Fields { get; init; } = [];
}

/// <summary>
/// One row of the failure table: what a caller sees of it, and what the cache does about it.
/// The kinds there are stand in <see cref="FailureKinds"/>.
/// </summary>
/// <param name="Name">The kind's name, the last part of the problem's <c>type</c>.</param>
/// <param name="Status">The HTTP status of the answer.</param>
/// <param name="Title">The problem's title: the same words for every occurrence.</param>
public sealed record FailureKind(string Name, int Status, string Title)
{
    /// <summary>
    /// How long a mint that failed this way is not retried for its key. Null for a failure that may end at any time: 2 s, doubling to 30 s.
    /// Zero if the credential remembers the failure and GitHub is not asked.
    /// </summary>
    public TimeSpan? Remembered { get; init; }

    /// <summary>
    /// Whether GitHub refused the scope, so that its cached tokens are dropped; otherwise they are handed out while they are valid.
    /// </summary>
    public bool EndsCachedTokens { get; init; }

    /// <summary>Whether <c>Retry-After</c> differs a little between callers, so that they do not all return at once.</summary>
    public bool SpreadsRetries { get; init; }

    /// <summary>The difference between the first and the last of them, as a fraction of the wait. Default 0.1.</summary>
    public double Spread { get; init; } = 0.1;

    /// <summary>The problem's <c>type</c>, RFC 9457.</summary>
    public string Type => "urn:token-broker:problem:" + Name;
}

/// <summary>A field of a request that is not valid, in the shape of GitHub's own <c>errors</c>.</summary>
/// <param name="Field">GitHub's name of the path, query or body field.</param>
/// <param name="Code">GitHub's word for the kind of fault: <c>invalid</c>.</param>
/// <param name="Message">What the field must be.</param>
public sealed record FieldFault(
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message);

/// <summary>Carries a <see cref="Failures.Failure"/> from where it happened to where the request is answered.</summary>
/// <param name="failure">What happened.</param>
/// <param name="cause">The cause, for the operator; callers never see it.</param>
public sealed class FailureException(Failure failure, Exception? cause = null) : Exception(failure.Detail, cause)
{
    /// <summary>What happened.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>Whether GitHub's answer concerns this one request, so that it is not shared with other callers.</summary>
    public bool IsOfRequest { get; init; }

    /// <summary>GitHub's own message, for the operator; callers never see it. Null if there was none.</summary>
    public string? GitHubMessage { get; init; }
}
