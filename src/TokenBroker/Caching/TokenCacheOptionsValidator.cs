using Microsoft.Extensions.Options;
using TokenBroker.Caching.Redis;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.Caching;

internal sealed class TokenCacheOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenCacheOptions>
{
    private const string Section = TokenCacheOptions.Section;
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(55);

    public ValidateOptionsResult Validate(string? name, TokenCacheOptions options)
    {
        var faults = new List<string>();
        if (options.RefreshAhead < TimeSpan.Zero || options.RefreshAhead > LongestWindow - options.MinimumRemainingLifetime)
            faults.Add($"{Section}:RefreshAhead: must not be negative, and at most 00:55:00 together with MinimumRemainingLifetime.");

        if (options.EncryptionKeys.Count > 0 && options.EncryptionKeysPath is { Length: > 0 })
            faults.Add($"{Section}:EncryptionKeys: give either the keys or EncryptionKeysPath, not both.");
        for (var index = 0; index < options.EncryptionKeys.Count; index++)
            CheckKeys(options.EncryptionKeys[index] ?? "", $"{Section}:EncryptionKeys:{index}", faults);
        if (options.EncryptionKeysPath is { Length: > 0 } path
            && SecretFile.TryRead(path, $"{Section}:EncryptionKeysPath", faults) is { } text)
            CheckKeys(text, $"{Section}:EncryptionKeysPath", faults);
        if (options.RedisKeyPrefix is not { Length: > 0 and <= 100 } prefix
            || prefix.Any(character => char.IsControl(character) || character is '{' or '}'))
            faults.Add($"{Section}:RedisKeyPrefix: must be 1 to 100 characters without braces.");
        if (options.RedisCaCertificatePath is { Length: > 0 } authorities)
            CertificateAuthorities.Check(authorities, $"{Section}:RedisCaCertificatePath", faults);

        if (options.EncryptionKeys.Count == 0
            && options.EncryptionKeysPath is not { Length: > 0 }
            && StrictOptions.Read<RedisOptions>(configuration, RedisOptions.Section).IsSet)
            faults.Add($"{Section}:EncryptionKeys: at least one is required if Redis is configured; nothing is stored there unencrypted.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckKeys(string text, string key, List<string> faults)
    {
        try
        {
            _ = SecretCipher.Parse(text);
        }
        catch (FormatException exception)
        {
            faults.Add($"{key}: {exception.Message}.");
        }
    }
}

internal static class CacheWarnings
{
    /// <summary>Encryption keys that anyone can guess.</summary>
    public static IEnumerable<ConfigurationWarning> Find(TokenCacheOptions cache)
    {
        const string Key = TokenCacheOptions.Section + ":EncryptionKeys";
        var keys = cache.EncryptionKeysPath is { Length: > 0 } path
            ? [(Key: Key + "Path", Text: ReadOrEmpty(path))]
            : cache.EncryptionKeys.Select((text, index) => (Key: $"{Key}:{index}", Text: text));
        return from key in keys
               where key.Text.Length > 0 && SecretCipher.Parse(key.Text).IsGuessable
               select new ConfigurationWarning(
                   key.Key, "is one byte repeated, which anyone would try first; `openssl rand -base64 32` makes a key");
    }

    /// <summary>A Redis on another machine without TLS.</summary>
    public static IEnumerable<ConfigurationWarning> Find(RedisOptions redis)
    {
        const string Key = RedisOptions.Section + ":Redis";
        var (key, text) = redis.RedisPath is { Length: > 0 } path ? (Key + "Path", ReadOrEmpty(path)) : (Key, redis.Redis);
        if (text is { Length: > 0 } && RedisAddress.Parse(text) is { IsEncrypted: false, IsOnThisMachine: false })
        {
            yield return new ConfigurationWarning(
                key,
                "is on another machine and without TLS; anyone on the network path can read the password and do what the broker can. "
                + "Add ssl=true, or use rediss://");
        }
    }

    // The file existed when the options were validated; if it is gone now, that is reported elsewhere.
    private static string ReadOrEmpty(string path) => SecretFile.TryRead(path, key: "", faults: []) ?? "";
}
