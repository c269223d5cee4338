namespace TokenBroker.Caching.Redis;

/// <summary>Section <c>ConnectionStrings</c>: where Redis is. Absent: tokens are kept in memory only, and each replica mints its own.</summary>
public sealed class RedisOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "ConnectionStrings";

    /// <summary>
    /// The address and its settings as StackExchange.Redis writes them: <c>redis:6379,password=…,ssl=true,defaultDatabase=1</c>.
    /// Default: none. A secret where it holds a password: see also <see cref="RedisPath"/>.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>A file with the same, read again when it changes. Default: none.</summary>
    public string? RedisPath { get; set; }

    /// <summary>Whether Redis is to be used at all.</summary>
    internal bool IsSet => Redis is { Length: > 0 } || RedisPath is { Length: > 0 };
}
