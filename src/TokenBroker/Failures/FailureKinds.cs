using System.Collections.Frozen;

namespace TokenBroker.Failures;

/// <summary>The failure table: every way in which a request can fail. docs/failures.md explains each row.</summary>
public static class FailureKinds
{
    private static readonly TimeSpan OneMinute = TimeSpan.FromMinutes(1);

    /// <summary>No JWT, or one that does not validate.</summary>
    public static readonly FailureKind Unauthenticated = new("unauthenticated", 401, "The caller is not authenticated");

    /// <summary>The keys of the caller's issuer have never been fetched, or not for a day.</summary>
    public static readonly FailureKind IssuerUnavailable = new("issuer-unavailable", 503, "The caller's issuer cannot be reached");

    /// <summary>A name, a query or a body that GitHub could never accept.</summary>
    public static readonly FailureKind InvalidRequest = new("invalid-request", 400, "The request is not valid");

    /// <summary>A body whose fields GitHub does not accept.</summary>
    public static readonly FailureKind InvalidFields = new("invalid-fields", 422, "Fields of the request are not valid");

    /// <summary>A path that does not exist.</summary>
    public static readonly FailureKind UnknownPath = new("unknown-path", 404, "Not Found");

    /// <summary>A path that exists, with an unsupported method.</summary>
    public static readonly FailureKind MethodNotAllowed = new("method-not-allowed", 405, "Method Not Allowed");

    /// <summary>A request body over the limit.</summary>
    public static readonly FailureKind BodyTooLarge = new("body-too-large", 413, "The request body is too large");

    /// <summary>A request body that took all of the request's time to arrive.</summary>
    public static readonly FailureKind BodyTooSlow = new("body-too-slow", 408, "The request body arrived too slowly");

    /// <summary>A caller that sends too many requests, or an address that sends too many without a valid JWT.</summary>
    public static readonly FailureKind TooManyRequests = new("too-many-requests", 429, "Too many requests");

    /// <summary>A caller whose requests reach GitHub too often.</summary>
    public static readonly FailureKind TooManyGitHubRequests = new("too-many-github-requests", 429, "Too many requests that reach GitHub");

    /// <summary>No policy allows the operation on the scope.</summary>
    public static readonly FailureKind PolicyDenied = new("policy-denied", 403, "No policy allows this");

    /// <summary>
    /// The caller has had all the grants that its policies count. There is no Retry-After: a caller that boots once needs no more.
    /// </summary>
    public static readonly FailureKind GrantsUsedUp = new("grants-used-up", 403, "The caller's grants are used up");

    /// <summary>A policy allows the operation, but not for such a runner.</summary>
    public static readonly FailureKind RunnerNotAllowed = new("runner-not-allowed", 403, "No policy allows such a runner");

    /// <summary>The path names a runner, a label or a version that does not exist.</summary>
    public static readonly FailureKind UnknownRunner = new("unknown-runner", 404, "Unknown runner, label or version");

    /// <summary>The GitHub host that the broker serves does not publish when runner versions end.</summary>
    public static readonly FailureKind NoDeprecations = new("no-deprecations", 404, "This GitHub host has no deprecations");

    /// <summary>A runner of that name exists.</summary>
    public static readonly FailureKind NameTaken = new("name-taken", 409, "The runner's name is taken");

    /// <summary>GitHub understood the request and will not do it: the runner is busy, or the label is read-only.</summary>
    public static readonly FailureKind Unprocessable = new("unprocessable", 422, "GitHub cannot do this");

    /// <summary>The scope needs a credential that this broker was not given.</summary>
    public static readonly FailureKind NotConfigured = new("not-configured", 404, "The broker does not serve this kind of scope")
    {
        Remembered = TimeSpan.Zero,
    };

    /// <summary>The App is not installed there, or the scope does not exist: GitHub does not distinguish the two.</summary>
    public static readonly FailureKind NotInstalled = Refusal("not-installed", 404, "The GitHub App is not installed there");

    /// <summary>The repository or its owner was renamed or moved.</summary>
    public static readonly FailureKind Moved = Refusal("moved", 404, "The scope has moved");

    /// <summary>The App lacks the permission that the operation needs.</summary>
    public static readonly FailureKind MissingPermission = Refusal("missing-permission", 403, "The GitHub App lacks a permission");

    /// <summary>GitHub refuses for a reason of its own: a suspended installation, an IP allow list, runners disabled.</summary>
    public static readonly FailureKind RefusedByGitHub = Refusal("refused-by-github", 403, "GitHub refuses this");

    /// <summary>GitHub does not accept the broker's own credential.</summary>
    public static readonly FailureKind CredentialRefused = new("credential-refused", 503, "GitHub refuses the broker's credential")
    {
        Remembered = TimeSpan.Zero,
    };

    /// <summary>GitHub's primary or secondary rate limit.</summary>
    public static readonly FailureKind RateLimited = new("rate-limited-by-github", 503, "GitHub limits the broker's requests")
    {
        Remembered = TimeSpan.Zero,
        SpreadsRetries = true,
    };

    /// <summary>Little is left of GitHub's rate limit, and it is reserved for tokens.</summary>
    public static readonly FailureKind QuotaReserved = new("quota-reserved", 503, "The rest of GitHub's rate limit is reserved for tokens")
    {
        Remembered = TimeSpan.Zero,
        SpreadsRetries = true,
    };

    /// <summary>More requests in flight than the broker can serve.</summary>
    public static readonly FailureKind Overloaded = new("overloaded", 503, "The broker is overloaded")
    {
        SpreadsRetries = true,
        Spread = 1,
    };

    /// <summary>GitHub is slow, failing, unreachable, or its answers make no sense.</summary>
    public static readonly FailureKind GitHubUnavailable = new("github-unavailable", 503, "GitHub cannot be reached");

    /// <summary>The answer to a request that must not be repeated was lost: GitHub may have done it.</summary>
    public static readonly FailureKind AnswerLost = new("answer-lost", 503, "GitHub's answer was lost");

    /// <summary>GitHub's answer held no token, or an expired one.</summary>
    public static readonly FailureKind UselessToken = new("useless-token", 503, "GitHub returned no usable token");

    /// <summary>The request's time is over while a mint still runs.</summary>
    public static readonly FailureKind TimedOut = new("timed-out", 503, "The request timed out");

    /// <summary>The audit queue is full, because standard output is not read.</summary>
    public static readonly FailureKind AuditStalled = new("audit-stalled", 503, "The audit trail is stalled");

    /// <summary>A fault of the broker's own.</summary>
    public static readonly FailureKind Unexpected = new("unexpected", 500, "The broker failed");

    private static readonly FrozenDictionary<int, FailureKind> ByStatus = new[]
    {
        InvalidRequest, UnknownPath, MethodNotAllowed, BodyTooLarge, Unexpected,
    }.ToFrozenDictionary(kind => kind.Status);

    private static readonly FrozenDictionary<string, FailureKind> OfMints = new[]
    {
        NotConfigured, NotInstalled, Moved, MissingPermission, RefusedByGitHub, CredentialRefused, RateLimited, GitHubUnavailable,
        UselessToken,
    }.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>The row of a failed mint by its name; null if no row has that name.</summary>
    public static FailureKind? ByName(string name) => OfMints.GetValueOrDefault(name);

    /// <summary>The row of an answer that has only a status, such as the framework's own 404 and 405.</summary>
    public static FailureKind For(int status) => ByStatus.GetValueOrDefault(status)
        ?? new FailureKind("http-" + status, status, "The request failed");

    // GitHub's plain no to a scope.
    private static FailureKind Refusal(string name, int status, string title) => new(name, status, title)
    {
        Remembered = OneMinute,
        EndsCachedTokens = true,
    };
}
