using Microsoft.Extensions.Options;
using TokenBroker.Caching.Redis;
using TokenBroker.Configuration;

namespace TokenBroker.Caching;

internal sealed class TokenCacheOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenCacheOptions>
{
    private const string Section = TokenCacheOptions.Section;
    private static readonly TimeSpan LongestDemand = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(55);

    public ValidateOptionsResult Validate(string? name, TokenCacheOptions options)
    {
        var faults = new List<string>();
        if (options.MinimumRemainingLifetime < TimeSpan.FromMinutes(1) || options.MinimumRemainingLifetime > LongestDemand)
            faults.Add($"{Section}:MinimumRemainingLifetime: must be from 00:01:00 to 00:45:00.");
        if (options.RefreshAhead < TimeSpan.Zero || options.RefreshAhead > LongestWindow - options.MinimumRemainingLifetime)
            faults.Add($"{Section}:RefreshAhead: must not be negative, and at most 00:55:00 together with MinimumRemainingLifetime.");
        if (options.MaxEntries is < 100 or > 100_000)
            faults.Add($"{Section}:MaxEntries: must be from 100 to 100,000.");
        if (options.Generation < 1)
            faults.Add($"{Section}:Generation: must be a positive number.");

        if (options.EncryptionKeys.Count > 0 && options.EncryptionKeysPath is { Length: > 0 })
            faults.Add($"{Section}:EncryptionKeys: give either the keys or EncryptionKeysPath, not both.");
        for (var index = 0; index < options.EncryptionKeys.Count; index++)
            CheckKeys(options.EncryptionKeys[index] ?? "", $"{Section}:EncryptionKeys:{index}", faults);
        if (options.EncryptionKeysPath is { Length: > 0 } path && SecretFile.TryRead(path, $"{Section}:EncryptionKeysPath", faults) is { } text)
            CheckKeys(text, $"{Section}:EncryptionKeysPath", faults);
        if (options.RedisKeyPrefix is not { Length: > 0 and <= 100 } prefix || prefix.Any(character => char.IsControl(character) || character is '{' or '}'))
            faults.Add($"{Section}:RedisKeyPrefix: must be 1 to 100 characters without braces.");
        if (options.RedisCaCertificatePath is { Length: > 0 } authorities)
            CertificateAuthorities.Check(authorities, $"{Section}:RedisCaCertificatePath", faults);

        if (options.EncryptionKeys.Count == 0 && options.EncryptionKeysPath is not { Length: > 0 } && StrictOptions.Read<RedisOptions>(configuration, RedisOptions.Section).IsSet)
            faults.Add($"{Section}:EncryptionKeys: at least one is required where Redis is configured; nothing goes there in clear.");
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
