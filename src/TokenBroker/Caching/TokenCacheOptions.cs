namespace TokenBroker.Caching;

/// <summary>Section <c>TokenCache</c>: how long tokens are shared, and how they are kept.</summary>
public sealed class TokenCacheOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "TokenCache";

    /// <summary>
    /// The least life that a token has left when it is handed out, unless GitHub gives no better one.
    /// From 1 to 45 minutes; default 10 minutes.
    /// </summary>
    public TimeSpan MinimumRemainingLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long before <see cref="MinimumRemainingLifetime"/> is reached the next request starts a refresh in the background.
    /// From zero, together with it at most 55 minutes; default 10 minutes.
    /// </summary>
    public TimeSpan RefreshAhead { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Keys for what is kept outside this process: each 32 bytes in base64. The first encrypts, all of them decrypt. Default: none.
    /// A secret: see also <see cref="EncryptionKeysPath"/>.
    /// </summary>
    public List<string> EncryptionKeys { get; init; } = [];

    /// <summary>A file with the keys, one a line, in place of <see cref="EncryptionKeys"/>. Default: none.</summary>
    public string? EncryptionKeysPath { get; set; }

    /// <summary>What every key in Redis begins with, so that several brokers can share one. Default <c>token-broker:</c>.</summary>
    public string RedisKeyPrefix { get; set; } = "token-broker:";

    /// <summary>A PEM file of certificate authorities to trust for Redis in place of the system's. Default: the system's.</summary>
    public string? RedisCaCertificatePath { get; set; }

    /// <summary>
    /// How many runner tokens are kept in memory, and as many installation tokens; beyond that, those used longest ago are forgotten. A token is
    /// one of a scope and kind, of two kilobytes or so. From 100 to 100,000; default 20,000.
    /// </summary>
    public int MaxEntries { get; set; } = 20_000;

    /// <summary>Part of every cache key: raising it empties all replicas at once. From 1; default 1.</summary>
    public int Generation { get; set; } = 1;
}
