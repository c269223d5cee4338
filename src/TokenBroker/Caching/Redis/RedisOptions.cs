namespace TokenBroker.Caching.Redis;

/// <summary>Section <c>ConnectionStrings</c>: where Redis is. Absent: tokens are kept in memory only, and each replica mints its own.</summary>
public sealed class RedisOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "ConnectionStrings";

    /// <summary>
    /// The address as StackExchange.Redis writes it, <c>redis:6379,user=…,password=…,ssl=true,defaultDatabase=1</c>, or with sentinels
    /// <c>s1:26379,s2:26379,serviceName=…</c>; or a URL, <c>rediss://user:password@redis:6379/1</c>. A password with a comma needs a URL, percent-encoded.
    /// Default: none. A secret where it holds a password: see also <see cref="RedisPath"/>.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>A file with the same, read again when it changes. Default: none.</summary>
    public string? RedisPath { get; set; }

    /// <summary>Whether Redis is to be used at all.</summary>
    internal bool IsSet => Redis is { Length: > 0 } || RedisPath is { Length: > 0 };
}
