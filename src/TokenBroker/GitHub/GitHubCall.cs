using System.Net;

namespace TokenBroker.GitHub;

/// <summary>
/// One call of GitHub's API, by a name for logs and for what a rate-limit resource is learned for. Its path is below the API's address, without a
/// leading slash; the names in it are checked before they get here.
/// </summary>
internal sealed record GitHubCall(string Name, HttpMethod Method, string Path)
{
    /// <summary>The JSON that is sent; null for no body.</summary>
    public string? Body { get; init; }

    /// <summary>The entity tag of what the caller has already; null where it has nothing.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Whose runners it is about, which is who waits with whom for a turn.</summary>
    public string Owner { get; init; } = "";

    /// <summary>
    /// Whether the call gives way to those that make tokens or delete, in the queue and when little is left of GitHub's limit: looking at
    /// runners and labelling them can wait, a machine that boots or ends cannot.
    /// </summary>
    public bool Yields { get; init; }

    /// <summary>
    /// Whether the call may be sent again when its answer was lost: reading, deleting and minting may, for an extra token is nobody's.
    /// Where it may not, <see cref="Failures.FailureKinds.AnswerLost"/> is the end of it.
    /// </summary>
    public bool IsRepeatable { get; init; } = true;

    /// <summary>Answers beside success that mean something to whoever makes this call, and nothing to the credential it is made with.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];
}

/// <summary>A call that may not be sent twice went out, and what became of it is not known.</summary>
internal sealed class LostAnswerException(string message) : Exception(message);

/// <summary>GitHub failed in a way that may pass at once, so that the same request may be tried again.</summary>
internal sealed class PassingFaultException(string message, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>When GitHub itself wants to be asked again; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
