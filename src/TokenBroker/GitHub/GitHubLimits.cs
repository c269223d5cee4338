using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// Limits and refusals of a credential: GitHub is not asked again until they end. Remembered per credential and rate-limit resource,
/// so that one owner's limit does not affect another's.
/// </summary>
internal sealed partial class CredentialLimits(GitHubClock clock, ILogger<CredentialLimits> logger)
{
    private const string EveryResource = "*";

    // After repeated bad credentials GitHub also refuses good ones for a while.
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

    private readonly BoundedMemory<Failure> blocks = new(clock, capacity: 10_000);

    // Only GitHub's responses name the resource that a call counts against. Bounded: the call names are few and fixed.
    private readonly ConcurrentDictionary<string, string> resources = new(StringComparer.Ordinal);

    /// <summary>Throws the last limit or refusal while it is in effect.</summary>
    public void ThrowIfBlocked(GitHubCredential credential, GitHubCall call)
    {
        if ((Recall(credential.Id, EveryResource) ?? Recall(credential.Id, ResourceOf(call))) is { } failure)
            throw new FailureException(failure);
    }

    /// <summary>Whether any credential is blocked, for the health check.</summary>
    public bool AnyBlocked => blocks.All.Any();

    /// <summary>Remembers a limit that a response reports; returns the failure if the request was refused for it.</summary>
    public Failure? Observe(GitHubCredential credential, GitHubCall call, string? resource, RateLimitNotice? notice)
    {
        if (resource is not null)
            resources[call.Name] = resource;
        if (notice is null)
            return null;

        var failure = new Failure(FailureKinds.RateLimited, "GitHub's rate limit for this broker is used up.")
        {
            RetryAfter = notice.Wait,
        };
        blocks.Remember(KeyOf(credential.Id, notice.Resource ?? EveryResource), failure, notice.Wait);
        return notice.IsRefused ? failure : null;
    }

    /// <summary>Remembers that GitHub refuses the credential itself; returns the exception to throw.</summary>
    public FailureException Refuse(GitHubCredential credential, GitHubAnswer answer, string detail)
    {
        Log.Refused(logger, credential.Id, answer.Message);
        var failure = new Failure(FailureKinds.CredentialRefused, detail) { RetryAfter = PauseAfterRefusal };
        blocks.Remember(KeyOf(credential.Id, EveryResource), failure, PauseAfterRefusal);
        return new FailureException(failure) { GitHubMessage = answer.Message };
    }

    /// <summary>The resource that GitHub counts a call against, as far as its responses have shown.</summary>
    public string ResourceOf(GitHubCall call) => resources.GetValueOrDefault(call.Name, RateLimitNotice.CoreResource);

    /// <summary>GitHub counts per credential and resource.</summary>
    public static string KeyOf(string credential, string resource) => $"{credential}|{resource}";

    private Failure? Recall(string credential, string resource) =>
        blocks.Recall(KeyOf(credential, resource), out var left) is { } failure ? failure with { RetryAfter = left } : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "GitHub rejected {Credential}: '{GitHubMessage}'. "
            + "The broker tries it again in a minute, or when its file changes")]
        public static partial void Refused(ILogger logger, string credential, string gitHubMessage);
    }
}

/// <summary>
/// Reserves the last tenth of a credential's limit for calls that mint tokens or delete: calls that yield are refused without asking
/// GitHub, until the window ends or a response reports more. Bounded: only windows that are nearly used up are remembered.
/// </summary>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations
internal sealed class QuotaReserve(CredentialLimits limits, GitHubClock clock)
{
    private const int Share = 10;

    private static readonly Failure Reserved = new(
        FailureKinds.QuotaReserved,
        "GitHub's rate limit for this broker is almost used up, and the rest is reserved for tokens.");

    private readonly BoundedMemory<Failure> reserved = new(clock, capacity: 10_000);

    /// <summary>The number of windows remembered.</summary>
    public int Count => reserved.Count;

    /// <summary>Throws if the call yields and its credential's limit is nearly used up.</summary>
    public void ThrowIfReserved(GitHubCredential credential, GitHubCall call)
    {
        if (!call.Yields)
            return;
        if (reserved.Recall(CredentialLimits.KeyOf(credential.Id, limits.ResourceOf(call)), out var left) is { } failure)
            throw new FailureException(failure with { RetryAfter = RateLimitNotice.Bound(left) });
    }

    /// <summary>Updates the reserve from a window that a response reported.</summary>
    public void Observe(GitHubQuota.Window window)
    {
        var key = CredentialLimits.KeyOf(window.Credential, window.Resource);
        var left = window.ResetsAt - clock.GetUtcNow();
        if (left <= TimeSpan.Zero || window.Remaining >= window.Limit / (double)Share)
            reserved.Forget(key);
        else
            reserved.Remember(key, Reserved, RateLimitNotice.Bound(left));
    }
}

/// <summary>
/// The remaining limits that GitHub last reported. Bounded: beyond a hundred windows, the others are reported as one, with the values of
/// the one that has the least left.
/// </summary>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
internal sealed class GitHubQuota(GitHubClock clock, QuotaReserve reserve)
{
    private const int MostWindows = 100;
    private const string Other = "other";
    private readonly ConcurrentDictionary<(string Credential, string Resource), Window> windows = new();

    /// <summary>The running windows. A window that has ended says nothing about the next one.</summary>
    public IReadOnlyList<Window> Windows
    {
        get
        {
            foreach (var (key, window) in windows.Where(entry => !IsRunning(entry.Value)))
                windows.TryRemove(new(key, window));
            return [.. windows.Values];
        }
    }

    /// <summary>Records the limit that a response reports.</summary>
    public void Observe(GitHubCredential credential, GitHubAnswer answer)
    {
        // Octokit reads a missing or invalid number as 0, and GitHub Enterprise Server sends these headers only if rate limits are enabled.
        var limit = answer.ApiInfo.RateLimit;
        var isReported = limit is { Limit: > 0, Remaining: >= 0, ResetAsUtcEpochSeconds: > 0 and <= RateLimitNotice.LatestReset };
        if (!isReported || answer.Header(RateLimitNotice.RemainingHeader) != limit.Remaining.ToString(CultureInfo.InvariantCulture))
            return;

        var resource = answer.Header(RateLimitNotice.ResourceHeader) ?? RateLimitNotice.CoreResource;
        var window = new Window(credential.Kind, credential.Id, resource, limit.Limit, limit.Remaining, limit.Reset);
        reserve.Observe(window);
        var key = (credential.Id, resource);
        if (windows.ContainsKey(key) || windows.Count < MostWindows)
            windows[key] = window;
        else
            windows.AddOrUpdate(
                (Other, credential.Kind.ToString()),
                window.AsOther(),
                (_, known) => IsRunning(known) && known.Remaining < window.Remaining ? known : window.AsOther());
    }

    private bool IsRunning(Window window) => window.ResetsAt > clock.GetUtcNow();

    /// <summary>One credential's limit on one resource, as GitHub counts it.</summary>
    internal sealed record Window(
        GitHubCredentialKind Kind,
        string Credential,
        string Resource,
        long Limit,
        long Remaining,
        DateTimeOffset ResetsAt)
    {
        public Window AsOther() => this with { Credential = Other, Resource = Other };
    }
}

/// <summary>A rate limit that a response reports as reached.</summary>
/// <param name="Resource">
/// The <c>x-ratelimit-resource</c> that is used up; null if GitHub names none, and for a secondary limit: both apply to the whole
/// credential.
/// </param>
/// <param name="Wait">How long to send nothing.</param>
/// <param name="IsRefused">Whether this request was refused; otherwise it was the last one allowed.</param>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
internal sealed record RateLimitNotice(string? Resource, TimeSpan Wait, bool IsRefused)
{
    public const string CoreResource = "core";
    public const string ResourceHeader = "x-ratelimit-resource";
    public const string RemainingHeader = "x-ratelimit-remaining";

    /// <summary>The end of the year 9999: Octokit throws for anything later.</summary>
    public const long LatestReset = 253_402_300_799;

    // GitHub's windows last an hour; a reset that is much further away is an error, which must not block the credential for long.
    private static readonly TimeSpan LongestFault = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(2);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    // After a secondary limit without a stated time, GitHub asks clients to wait at least a minute.
    private static readonly TimeSpan UnstatedWait = TimeSpan.FromMinutes(1);

    /// <summary>Reads a response; null if it reports no limit. A 403 without these signs is another kind of refusal.</summary>
    public static RateLimitNotice? Read(GitHubAnswer answer, DateTimeOffset now)
    {
        var mayBeLimit = answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests;
        var stated = ReadWait(answer, now);

        // Only at the beginning: the rest of a message may contain text that a caller chose.
        var isUsedUp = answer.Header(RemainingHeader) == "0";
        var saysUsedUp = mayBeLimit && answer.Message.StartsWith("API rate limit exceeded", StringComparison.OrdinalIgnoreCase);
        if (saysUsedUp || (isUsedUp && (mayBeLimit || (int)answer.StatusCode < 300)))
        {
            var hasReset = answer.ApiInfo.RateLimit is { ResetAsUtcEpochSeconds: > 0 and <= LatestReset };
            TimeSpan?[] waits = [hasReset ? answer.ApiInfo.RateLimit.Reset - now : null, stated];
            var resource = answer.Header(ResourceHeader) ?? (isUsedUp ? CoreResource : null);
            return new RateLimitNotice(resource, Bound(waits.Max() ?? UnstatedWait), mayBeLimit);
        }

        var namesSecondary = answer.Message.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase)
            || answer.Message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase);
        return mayBeLimit && (stated is not null || namesSecondary || answer.StatusCode == HttpStatusCode.TooManyRequests)
            ? new RateLimitNotice(Resource: null, Bound(stated ?? UnstatedWait), IsRefused: true)
            : null;
    }

    /// <summary>The wait that <c>Retry-After</c> states; null without one.</summary>
    public static TimeSpan? ReadWait(GitHubAnswer answer, DateTimeOffset now) =>
        RetryConditionHeaderValue.TryParse(answer.Header("Retry-After"), out var stated) ? stated.Delta ?? (stated.Date - now) : null;

    /// <summary>The wait that a fault states, capped: a fault ends sooner than a limit, whatever a proxy in between says.</summary>
    public static TimeSpan? ReadFaultWait(GitHubAnswer answer, DateTimeOffset now) =>
        ReadWait(answer, now) is not { } wait ? null : wait < LongestFault ? wait : LongestFault;

    /// <summary>Bounds a wait to what is plausible for GitHub.</summary>
    public static TimeSpan Bound(TimeSpan wait) => wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait;
}
