using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using TokenBroker.Caching;
using TokenBroker.Failures;

namespace TokenBroker.GitHub;

/// <summary>
/// What GitHub will not do for a credential for a while: it is not asked again before that is over. Remembered by credential and
/// rate-limit resource, so that one owner's limit stops no other's.
/// </summary>
internal sealed partial class CredentialLimits(GitHubClock clock, ILogger<CredentialLimits> logger)
{
    private const string EveryResource = "*";

    // Repeated bad credentials make GitHub refuse good ones for a while.
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromMinutes(1);

    private readonly BoundedMemory<Failure> blocks = new(clock, capacity: 10_000);

    // Which resource a call is counted under is only told by its answers; the calls are few and known.
    private readonly ConcurrentDictionary<string, string> resources = new(StringComparer.Ordinal);

    /// <summary>Throws what GitHub last said while it still holds.</summary>
    public void ThrowIfBlocked(GitHubCredential credential, GitHubCall call)
    {
        if ((Find(credential.Id, EveryResource) ?? Find(credential.Id, ResourceOf(call))) is { } failure)
            throw new FailureException(failure);
    }

    /// <summary>Whether anything at all is blocked, for the health page.</summary>
    public bool AnyBlocked => blocks.All.Any();

    /// <summary>Remembers what an answer says of a limit; gives the failure if it was refused for it.</summary>
    public Failure? Observe(GitHubCredential credential, GitHubCall call, string? resource, RateLimitNotice? notice)
    {
        if (resource is not null)
            resources[call.Name] = resource;
        if (notice is null)
            return null;

        var failure = new Failure(FailureKinds.RateLimited, "GitHub's rate limit for this broker is used up.") { RetryAfter = notice.Wait };
        blocks.Remember(KeyOf(credential.Id, notice.Resource ?? EveryResource), failure, notice.Wait);
        return notice.IsRefused ? failure : null;
    }

    /// <summary>Remembers that GitHub refuses the credential itself, and gives what to throw.</summary>
    public FailureException Refuse(GitHubCredential credential, GitHubAnswer answer, string detail)
    {
        Log.Refused(logger, credential.Id, answer.Message);
        var failure = new Failure(FailureKinds.CredentialRefused, detail) { RetryAfter = PauseAfterRefusal };
        blocks.Remember(KeyOf(credential.Id, EveryResource), failure, PauseAfterRefusal);
        return new FailureException(failure) { GitHubMessage = answer.Message };
    }

    /// <summary>What GitHub counts a call under, as far as it has told.</summary>
    public string ResourceOf(GitHubCall call) => resources.GetValueOrDefault(call.Name, RateLimitNotice.CoreResource);

    /// <summary>What GitHub counts by: a credential and a resource.</summary>
    public static string KeyOf(string credential, string resource) => $"{credential}|{resource}";

    private Failure? Find(string credential, string resource) =>
        blocks.Recall(KeyOf(credential, resource), out var left) is { } failure ? failure with { RetryAfter = left } : null;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "GitHub refuses {Credential} with '{GitHubMessage}'. It is tried again in a minute, or when its file changes")]
        public static partial void Refused(ILogger logger, string credential, string gitHubMessage);
    }
}

/// <summary>
/// Keeps the last tenth of a credential's limit for what makes tokens and deletes: what yields is refused without asking GitHub, until the
/// window ends or an answer says that more is left. Bounded: only windows that are nearly used up are remembered.
/// </summary>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-github-app-installations
internal sealed class QuotaReserve(CredentialLimits limits, GitHubClock clock)
{
    private const int Share = 10;

    private static readonly Failure Reserved = new(FailureKinds.QuotaReserved, "Little is left of GitHub's rate limit for this broker, and it is kept for tokens.");

    private readonly BoundedMemory<Failure> reserved = new(clock, capacity: 10_000);

    /// <summary>How many windows are remembered.</summary>
    public int Count => reserved.Count;

    /// <summary>Throws if the call yields and little is left of what its credential may ask.</summary>
    public void ThrowIfReserved(GitHubCredential credential, GitHubCall call)
    {
        if (call.Yields && reserved.Recall(CredentialLimits.KeyOf(credential.Id, limits.ResourceOf(call)), out var left) is { } failure)
            throw new FailureException(failure with { RetryAfter = RateLimitNotice.Bound(left) });
    }

    /// <summary>Takes what an answer says is left.</summary>
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
/// What GitHub last said is left of its limits. Bounded: beyond a hundred, installations and resources are told together, by the one
/// that has the least left.
/// </summary>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
internal sealed class GitHubQuota(GitHubClock clock, QuotaReserve reserve)
{
    private const int MostWindows = 100;
    private const string Other = "other";
    private readonly ConcurrentDictionary<(string Credential, string Resource), Window> windows = new();

    /// <summary>What is known, without windows that have ended: nothing is known of the next one.</summary>
    public IReadOnlyList<Window> Windows
    {
        get
        {
            foreach (var (key, window) in windows.Where(entry => !IsRunning(entry.Value)))
                windows.TryRemove(new(key, window));
            return [.. windows.Values];
        }
    }

    /// <summary>Takes what an answer says.</summary>
    public void Observe(GitHubCredential credential, GitHubAnswer answer)
    {
        // Octokit takes what is missing or no number for 0, and GitHub Enterprise Server tells nothing unless it is set up to.
        var limit = answer.ApiInfo.RateLimit;
        var isTold = limit is { Limit: > 0, Remaining: >= 0, ResetAsUtcEpochSeconds: > 0 and <= RateLimitNotice.LatestReset };
        if (!isTold || answer.Header(RateLimitNotice.RemainingHeader) != limit.Remaining.ToString(CultureInfo.InvariantCulture))
            return;

        var resource = answer.Header(RateLimitNotice.ResourceHeader) ?? RateLimitNotice.CoreResource;
        var window = new Window(credential.Kind, credential.Id, resource, limit.Limit, limit.Remaining, limit.Reset);
        reserve.Observe(window);
        var key = (credential.Id, resource);
        if (windows.ContainsKey(key) || windows.Count < MostWindows)
            windows[key] = window;
        else
            windows.AddOrUpdate((Other, credential.Kind.ToString()), window.AsOther(), (_, known) => IsRunning(known) && known.Remaining < window.Remaining ? known : window.AsOther());
    }

    private bool IsRunning(Window window) => window.ResetsAt > clock.GetUtcNow();

    /// <summary>One credential's limit on one resource, as GitHub counts it.</summary>
    internal sealed record Window(GitHubCredentialKind Kind, string Credential, string Resource, long Limit, long Remaining, DateTimeOffset ResetsAt)
    {
        public Window AsOther() => this with { Credential = Other, Resource = Other };
    }
}

/// <summary>What an answer says of GitHub's rate limits.</summary>
/// <param name="Resource">The <c>x-ratelimit-resource</c> that is used up; null where GitHub names none, and for a secondary limit: these hold for the whole credential.</param>
/// <param name="Wait">How long not to ask.</param>
/// <param name="IsRefused">Whether this request was refused; otherwise it was the last that was not.</param>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
internal sealed record RateLimitNotice(string? Resource, TimeSpan Wait, bool IsRefused)
{
    public const string CoreResource = "core";
    public const string ResourceHeader = "x-ratelimit-resource";
    public const string RemainingHeader = "x-ratelimit-remaining";

    /// <summary>The end of the year 9999: Octokit throws at what is later.</summary>
    public const long LatestReset = 253_402_300_799;

    // GitHub's windows last an hour; a reset that is further away is a mistake that must not last.
    private static readonly TimeSpan LongestFault = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(2);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    // Without a time GitHub asks for at least a minute after a secondary limit.
    private static readonly TimeSpan UnstatedWait = TimeSpan.FromMinutes(1);

    /// <summary>Reads an answer; null if it says nothing of a limit. A 403 without these marks is a refusal of another kind.</summary>
    public static RateLimitNotice? Read(GitHubAnswer answer, DateTimeOffset now)
    {
        var mayBeLimit = answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests;
        var told = WaitOf(answer, now);

        // Only where it begins so: what a caller chose may stand anywhere else in a message.
        var isUsedUp = answer.Header(RemainingHeader) == "0";
        var saysUsedUp = mayBeLimit && answer.Message.StartsWith("API rate limit exceeded", StringComparison.OrdinalIgnoreCase);
        if (saysUsedUp || (isUsedUp && (mayBeLimit || (int)answer.StatusCode < 300)))
        {
            TimeSpan?[] waits = [answer.ApiInfo.RateLimit is { ResetAsUtcEpochSeconds: > 0 and <= LatestReset } limit ? limit.Reset - now : null, told];
            return new RateLimitNotice(answer.Header(ResourceHeader) ?? (isUsedUp ? CoreResource : null), Bound(waits.Max() ?? UnstatedWait), mayBeLimit);
        }

        var namesSecondary = answer.Message.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase)
            || answer.Message.Contains("abuse detection", StringComparison.OrdinalIgnoreCase);
        return mayBeLimit && (told is not null || namesSecondary || answer.StatusCode == HttpStatusCode.TooManyRequests)
            ? new RateLimitNotice(Resource: null, Bound(told ?? UnstatedWait), IsRefused: true)
            : null;
    }

    /// <summary>When GitHub itself wants to be asked again; null where it does not say.</summary>
    public static TimeSpan? WaitOf(GitHubAnswer answer, DateTimeOffset now) =>
        RetryConditionHeaderValue.TryParse(answer.Header("Retry-After"), out var told) ? told.Delta ?? (told.Date - now) : null;

    /// <summary>The same of a fault, which passes sooner than a limit: the broker asks again before, whatever a proxy in between says.</summary>
    public static TimeSpan? WaitOfFault(GitHubAnswer answer, DateTimeOffset now) =>
        WaitOf(answer, now) is not { } wait ? null : wait < LongestFault ? wait : LongestFault;

    /// <summary>A wait that GitHub can mean.</summary>
    public static TimeSpan Bound(TimeSpan wait) => wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait;
}
