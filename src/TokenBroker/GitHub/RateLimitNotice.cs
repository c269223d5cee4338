using System.Net;
using System.Net.Http.Headers;

namespace TokenBroker.GitHub;

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
