using System.Text.RegularExpressions;

namespace TokenBroker.Caching.Redis;

/// <summary>The code of an error reply from Redis. The text after the code is dropped, because it may quote what was sent.</summary>
internal static partial class RedisRefusal
{
    public const string ReadOnly = "READONLY";
    public const string NotPermitted = "NOPERM";

    /// <summary>The code, such as <c>READONLY</c> or <c>OOM</c>; <c>ERR</c> if there is none.</summary>
    public static string ReadCode(Exception exception) =>
        IsMissingPermission(exception.Message) ? NotPermitted
        : Code().Match(exception.Message) is { Success: true } code ? code.Value
        : "ERR";

    /// <summary>Whether Redis rejected the client and not the command.</summary>
    public static bool IsAboutCredentials(Exception exception) => ReadCode(exception) is "NOAUTH" or "WRONGPASS" or NotPermitted;

    // An error inside a script begins with ERR, and the missing permission follows: in one wording up to Redis 6, in another since.
    private static bool IsMissingPermission(string message) =>
        message.Contains("can't run this command", StringComparison.Ordinal)
        || message.Contains(NotPermitted, StringComparison.Ordinal)
        || message.Contains("has no permissions to", StringComparison.Ordinal);

    [GeneratedRegex(
        "^[A-Z]{2,20}(?= |\\z)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}

/// <summary>The last command that Redis refused.</summary>
internal sealed class LastRefusal(TimeProvider clock)
{
    private static readonly TimeSpan FaultLasts = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private volatile Entry? last;

    /// <summary>
    /// What is wrong with Redis, if a permission was missing a moment ago: the probe may have permissions that the scripts lack. Other
    /// refusals, as of a corrupted value, are not a fault of Redis.
    /// </summary>
    public string? Fault => last is { Code: RedisRefusal.NotPermitted } refusal && clock.GetElapsedTime(refusal.At) < FaultLasts
        ? Describe(refusal.Code)
        : null;

    /// <summary>Records a refusal, and returns what to log; null if it was logged a moment ago.</summary>
    public string? Record(Exception exception)
    {
        var code = RedisRefusal.ReadCode(exception);
        var now = clock.GetTimestamp();
        var loggedAt = last is { } former && former.Code == code && clock.GetElapsedTime(former.LoggedAt, now) < BetweenWarnings
            ? former.LoggedAt
            : now;
        last = new Entry(code, now, loggedAt);
        return loggedAt == now ? Describe(code) : null;
    }

    private static string Describe(string code) => "Redis refuses: " + code;

    private sealed record Entry(string Code, long At, long LoggedAt);
}
