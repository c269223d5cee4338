using System.ComponentModel.DataAnnotations;
using TokenBroker.Configuration;

namespace TokenBroker.Caching;

/// <summary>Section <c>TokenCache</c>: how long tokens are shared, and how they are kept.</summary>
public sealed class TokenCacheOptions
{
    public const string Section = "TokenCache";

    /// <summary>
    /// The least life that a token has left when it is handed out, unless GitHub issues none that is longer.
    /// From 1 to 45 minutes; default 10 minutes.
    /// </summary>
    [TimeRange("00:01:00", "00:45:00")]
    public TimeSpan MinimumRemainingLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long before a token reaches <see cref="MinimumRemainingLifetime"/> the next request starts a refresh in the background.
    /// Not negative, and at most 55 minutes together with it; default 10 minutes.
    /// </summary>
    public TimeSpan RefreshAhead { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Keys for what is stored in Redis: each 32 bytes in base64. The first encrypts, all of them decrypt. Default: none.
    /// Secret; see also <see cref="EncryptionKeysPath"/>.
    /// </summary>
    public List<string> EncryptionKeys { get; init; } = [];

    /// <summary>A file with the keys, one per line, in place of <see cref="EncryptionKeys"/>. Default: none.</summary>
    public string? EncryptionKeysPath { get; set; }

    /// <summary>The prefix of every key in Redis, so that several brokers can share one. Default <c>token-broker:</c>.</summary>
    public string RedisKeyPrefix { get; set; } = "token-broker:";

    /// <summary>A PEM file of certificate authorities to trust for Redis in place of the system's. Default: the system's.</summary>
    public string? RedisCaCertificatePath { get; set; }

    /// <summary>
    /// How many runner tokens are kept in memory, and as many installation tokens; beyond that, the least recently used are evicted. There
    /// is one token per scope and kind, of about two kilobytes. From 100 to 100,000; default 20,000.
    /// </summary>
    [Range(100, 100_000)]
    public int MaxEntries { get; set; } = 20_000;

    /// <summary>Part of every cache key: raising it empties all replicas at once. From 1; default 1.</summary>
    [Range(1, int.MaxValue)]
    public int Generation { get; set; } = 1;
}

/// <summary>The bounds of a <see cref="SecretCache"/>.</summary>
/// <param name="MinimumRemainingLifetime">
/// The least life that a secret has left when it is handed out, unless no longer one can be minted.
/// </param>
/// <param name="RefreshAhead">How long before that a refresh starts in the background.</param>
public sealed record SecretCacheLimits(TimeSpan MinimumRemainingLifetime, TimeSpan RefreshAhead)
{
    /// <summary>The most keys that are kept.</summary>
    public required int Capacity { get; init; }

    /// <summary>How long a mint may take. Default 14.5 s, so that waiting callers are answered within 15 s.</summary>
    public TimeSpan MintDeadline { get; init; } = TimeSpan.FromSeconds(14.5);

    /// <summary>How long a key is kept at most. Default 2 hours, longer than any of GitHub's tokens is valid.</summary>
    public TimeSpan LongestMemory { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The life left below which the next request starts a refresh.</summary>
    public TimeSpan RefreshWindow => MinimumRemainingLifetime + RefreshAhead;

    public static SecretCacheLimits From(TokenCacheOptions options) =>
        new(options.MinimumRemainingLifetime, options.RefreshAhead) { Capacity = options.MaxEntries };
}
