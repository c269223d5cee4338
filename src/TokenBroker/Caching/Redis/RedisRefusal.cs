using System.Text.RegularExpressions;

namespace TokenBroker.Caching.Redis;

/// <summary>What Redis said when it refused: its code alone, because the text behind it may quote what it was sent.</summary>
internal static partial class RedisRefusal
{
    public const string ReadOnly = "READONLY";
    public const string NotPermitted = "NOPERM";

    /// <summary>The code: <c>READONLY</c>, <c>OOM</c>; <c>ERR</c> where there is none.</summary>
    public static string Of(Exception exception) => IsOfRight(exception.Message) ? NotPermitted : Code().Match(exception.Message) is { Success: true } code ? code.Value : "ERR";

    // A script's own error begins with ERR, and what it may not do stands behind: so up to Redis 6, and so since.
    private static bool IsOfRight(string message) =>
        message.Contains("can't run this command", StringComparison.Ordinal) || message.Contains(NotPermitted, StringComparison.Ordinal) || message.Contains("has no permissions to", StringComparison.Ordinal);

    /// <summary>Whether it refused who asked, and not what was asked.</summary>
    public static bool IsOfCredentials(Exception exception) => Of(exception) is "NOAUTH" or "WRONGPASS" or NotPermitted;

    [GeneratedRegex("^[A-Z]{2,20}(?= |\\z)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
