using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace TokenBroker.GitHub;

/// <summary>What an answer says of GitHub's rate limits.</summary>
/// <param name="Resource">The <c>x-ratelimit-resource</c> that is used up; null for a secondary limit, which holds for the whole credential.</param>
/// <param name="Wait">How long not to ask.</param>
/// <param name="IsRefused">Whether this request was refused; otherwise it was the last that was not.</param>
// See https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
internal sealed record RateLimitNotice(string? Resource, TimeSpan Wait, bool IsRefused)
{
    public const string CoreResource = "core";

    // GitHub's windows last an hour; a reset that is further away is a mistake that must not last.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(2);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    // Without a time GitHub asks for at least a minute after a secondary limit.
    private static readonly TimeSpan UnstatedWait = TimeSpan.FromMinutes(1);

    /// <summary>Reads an answer; null if it says nothing of a limit. A 403 without these marks is a refusal of another kind.</summary>
    public static RateLimitNotice? Read(HttpStatusCode status, HttpResponseHeaders headers, string? message, DateTimeOffset now)
    {
        var mayBeLimit = status is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests;
        var isUsedUp = Header(headers, "x-ratelimit-remaining") == "0";
        var told = headers.RetryAfter is { } header ? header.Delta ?? (header.Date - now) : null;
        var namesSecondary = message?.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase) is true
            || message?.Contains("abuse detection", StringComparison.OrdinalIgnoreCase) is true;

        if (isUsedUp && (mayBeLimit || (int)status < 300))
        {
            TimeSpan?[] waits = [UntilReset(headers, now), told];
            return new RateLimitNotice(Header(headers, "x-ratelimit-resource") ?? CoreResource, Bound(waits.Max() ?? UnstatedWait), mayBeLimit);
        }

        return mayBeLimit && (told is not null || namesSecondary || status == HttpStatusCode.TooManyRequests)
            ? new RateLimitNotice(Resource: null, Bound(told ?? UnstatedWait), IsRefused: true)
            : null;
    }

    private static TimeSpan? UntilReset(HttpResponseHeaders headers, DateTimeOffset now) =>
        long.TryParse(Header(headers, "x-ratelimit-reset"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) - now
            : null;

    private static TimeSpan Bound(TimeSpan wait) => wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait;

    private static string? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
