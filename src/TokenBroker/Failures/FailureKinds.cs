using System.Collections.Frozen;

namespace TokenBroker.Failures;

/// <summary>The failure table: every way in which a request can end badly.</summary>
public static class FailureKinds
{
    private static readonly TimeSpan OneMinute = TimeSpan.FromMinutes(1);

    /// <summary>No JWT, or one that does not validate.</summary>
    public static readonly FailureKind Unauthenticated = new() { Name = "unauthenticated", Status = 401, Title = "The caller is not authenticated" };

    /// <summary>The keys of the caller's issuer were never reached, or not for a day.</summary>
    public static readonly FailureKind IssuerUnavailable = new() { Name = "issuer-unavailable", Status = 503, Title = "The caller's issuer cannot be reached" };

    /// <summary>A name, a query or a body that GitHub could never accept.</summary>
    public static readonly FailureKind InvalidRequest = new() { Name = "invalid-request", Status = 400, Title = "The request is not valid" };

    /// <summary>A body whose fields are not what GitHub takes.</summary>
    public static readonly FailureKind InvalidFields = new() { Name = "invalid-fields", Status = 422, Title = "Fields of the request are not valid" };

    /// <summary>A path that does not exist.</summary>
    public static readonly FailureKind UnknownPath = new() { Name = "unknown-path", Status = 404, Title = "Not Found" };

    /// <summary>A path that exists, asked with a method that it has not.</summary>
    public static readonly FailureKind MethodNotAllowed = new() { Name = "method-not-allowed", Status = 405, Title = "Method Not Allowed" };

    /// <summary>A request body over the limit.</summary>
    public static readonly FailureKind BodyTooLarge = new() { Name = "body-too-large", Status = 413, Title = "The request body is too large" };

    /// <summary>A request body that took all of the request's time.</summary>
    public static readonly FailureKind BodyTooSlow = new() { Name = "body-too-slow", Status = 408, Title = "The request body came too slowly" };

    /// <summary>A caller, or an address that nobody authenticates from, that asks more often than it may.</summary>
    public static readonly FailureKind TooManyRequests = new() { Name = "too-many-requests", Status = 429, Title = "Too many requests" };

    /// <summary>A caller for whom GitHub would be asked more often than it may.</summary>
    public static readonly FailureKind TooManyGitHubRequests = new() { Name = "too-many-github-requests", Status = 429, Title = "Too many requests that GitHub must be asked for" };

    /// <summary>No policy allows the operation on the scope.</summary>
    public static readonly FailureKind PolicyDenied = new() { Name = "policy-denied", Status = 403, Title = "No policy allows this" };

    /// <summary>The policies have given this caller the same as often as they do. Later is no use to say: a caller that boots once needs no more.</summary>
    public static readonly FailureKind GrantsUsedUp = new() { Name = "grants-used-up", Status = 403, Title = "The caller's grants are used up" };

    /// <summary>A policy allows the operation, but not on such a runner.</summary>
    public static readonly FailureKind RunnerNotAllowed = new() { Name = "runner-not-allowed", Status = 403, Title = "No policy allows such a runner" };

    /// <summary>What the path names below the scope is not there: a runner, a label, a version.</summary>
    public static readonly FailureKind UnknownRunner = new() { Name = "unknown-runner", Status = 404, Title = "GitHub does not know it" };

    /// <summary>The host that the broker serves does not tell when runner versions end.</summary>
    public static readonly FailureKind NoDeprecations = new() { Name = "no-deprecations", Status = 404, Title = "There are no deprecations there" };

    /// <summary>A runner of that name exists.</summary>
    public static readonly FailureKind NameTaken = new() { Name = "name-taken", Status = 409, Title = "The runner's name is taken" };

    /// <summary>GitHub understood the request and will not do it: a runner that works, a label that is fixed.</summary>
    public static readonly FailureKind Unprocessable = new() { Name = "unprocessable", Status = 422, Title = "GitHub cannot do this" };

    /// <summary>The scope needs a credential that this broker was not given.</summary>
    public static readonly FailureKind NotConfigured = new() { Name = "not-configured", Status = 404, Title = "The broker does not serve this kind of scope", Remembered = TimeSpan.Zero };

    /// <summary>The App is not installed there, or the scope does not exist: GitHub does not tell the two apart.</summary>
    public static readonly FailureKind NotInstalled = new()
    { Name = "not-installed", Status = 404, Title = "The GitHub App is not installed there", Remembered = OneMinute, EndsCachedTokens = true };

    /// <summary>The repository or its owner was renamed or moved.</summary>
    public static readonly FailureKind Moved = new() { Name = "moved", Status = 404, Title = "The scope was moved", Remembered = OneMinute, EndsCachedTokens = true };

    /// <summary>The App lacks the permission that the operation needs.</summary>
    public static readonly FailureKind MissingPermission = new()
    { Name = "missing-permission", Status = 403, Title = "The GitHub App lacks a permission", Remembered = OneMinute, EndsCachedTokens = true };

    /// <summary>GitHub refuses for a reason of its own: a suspended installation, an IP allow list, runners disabled.</summary>
    public static readonly FailureKind RefusedByGitHub = new()
    { Name = "refused-by-github", Status = 403, Title = "GitHub refuses this", Remembered = OneMinute, EndsCachedTokens = true };

    /// <summary>GitHub does not accept the broker's own credential.</summary>
    public static readonly FailureKind CredentialRefused = new()
    { Name = "credential-refused", Status = 503, Title = "GitHub refuses the broker's credential", Remembered = TimeSpan.Zero };

    /// <summary>GitHub's primary or secondary rate limit.</summary>
    public static readonly FailureKind RateLimited = new()
    { Name = "rate-limited-by-github", Status = 503, Title = "GitHub limits the broker's requests", Remembered = TimeSpan.Zero, SpreadsRetries = true };

    /// <summary>Little is left of GitHub's rate limit, which is kept for tokens.</summary>
    public static readonly FailureKind QuotaReserved = new()
    { Name = "quota-reserved", Status = 503, Title = "What is left of GitHub's rate limit is kept for tokens", Remembered = TimeSpan.Zero, SpreadsRetries = true };

    /// <summary>More callers than can be served.</summary>
    public static readonly FailureKind Overloaded = new() { Name = "overloaded", Status = 503, Title = "The broker has too much to do", SpreadsRetries = true, Spread = 1 };

    /// <summary>GitHub is slow, failing, unreachable or answers nonsense.</summary>
    public static readonly FailureKind GitHubUnavailable = new() { Name = "github-unavailable", Status = 503, Title = "GitHub cannot be reached" };

    /// <summary>What may not be asked twice was asked, and the answer did not come: it may have been done.</summary>
    public static readonly FailureKind AnswerLost = new() { Name = "answer-lost", Status = 503, Title = "GitHub's answer was lost" };

    /// <summary>GitHub's answer held no token, or one that had already expired.</summary>
    public static readonly FailureKind UselessToken = new() { Name = "useless-token", Status = 503, Title = "GitHub gave no usable token" };

    /// <summary>The request's time is over while another's mint still runs.</summary>
    public static readonly FailureKind TimedOut = new() { Name = "timed-out", Status = 503, Title = "The request took too long" };

    /// <summary>There is no room for another audit event, because nobody takes those that wait.</summary>
    public static readonly FailureKind AuditStalled = new() { Name = "audit-stalled", Status = 503, Title = "The audit trail stalls" };

    /// <summary>A fault of the broker's own.</summary>
    public static readonly FailureKind Unexpected = new() { Name = "unexpected", Status = 500, Title = "The broker failed" };

    private static readonly FrozenDictionary<int, FailureKind> ByStatus = new[]
    {
        InvalidRequest, UnknownPath, MethodNotAllowed, BodyTooLarge, Unexpected,
    }.ToFrozenDictionary(kind => kind.Status);

    private static readonly FrozenDictionary<string, FailureKind> OfMints = new[]
    {
        NotConfigured, NotInstalled, Moved, MissingPermission, RefusedByGitHub, CredentialRefused, RateLimited, GitHubUnavailable, UselessToken,
    }.ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>The row of a mint's failure by its name; null if there is none of that name.</summary>
    public static FailureKind? ByName(string name) => OfMints.GetValueOrDefault(name);

    /// <summary>The row for an answer that only has a status, such as the framework's own 404 and 405.</summary>
    public static FailureKind For(int status) => ByStatus.GetValueOrDefault(status)
        ?? new FailureKind { Name = "http-" + status, Status = status, Title = "The request failed" };
}
