using TokenBroker.Caching.Redis;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.Caching;

/// <summary>What is allowed and unwise about how tokens are kept.</summary>
internal static class CacheWarnings
{
    /// <summary>Keys that are none, because anybody guesses them.</summary>
    public static IEnumerable<ConfigurationWarning> Find(TokenCacheOptions cache)
    {
        const string Key = TokenCacheOptions.Section + ":EncryptionKeys";
        var keys = cache.EncryptionKeysPath is { Length: > 0 } path
            ? [(Key: Key + "Path", Text: ReadOrEmpty(path))]
            : cache.EncryptionKeys.Select((text, index) => (Key: $"{Key}:{index}", Text: text));
        return from key in keys
               where key.Text.Length > 0 && SecretCipher.Parse(key.Text).IsGuessable
               select new ConfigurationWarning(key.Key, "is one byte repeated, which is the first that anybody tries; `openssl rand -base64 32` makes a key");
    }

    /// <summary>A Redis on another machine that is talked to in clear.</summary>
    public static IEnumerable<ConfigurationWarning> Find(RedisOptions redis)
    {
        const string Key = RedisOptions.Section + ":Redis";
        var (key, text) = redis.RedisPath is { Length: > 0 } path ? (Key + "Path", ReadOrEmpty(path)) : (Key, redis.Redis);
        if (text is { Length: > 0 } && RedisAddress.Parse(text) is { IsEncrypted: false, IsOnThisMachine: false })
            yield return new ConfigurationWarning(key, "is another machine, and without TLS; whoever is on the way reads the password, and can do there what the broker can. Add ssl=true, or write rediss://");
    }

    // It was there when the options were validated; should it be gone, that is told elsewhere.
    private static string ReadOrEmpty(string path) => SecretFile.TryRead(path, key: "", faults: []) ?? "";
}
