using Microsoft.Extensions.Options;
using TokenBroker.Hosting;

namespace TokenBroker.Caching;

internal sealed class TokenCacheOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenCacheOptions>
{
    private const string Section = TokenCacheOptions.Section;
    private const int KeyBytes = 32;
    private static readonly TimeSpan LongestDemand = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromMinutes(55);

    public ValidateOptionsResult Validate(string? name, TokenCacheOptions options)
    {
        var faults = new List<string>();
        if (options.MinimumRemainingLifetime < TimeSpan.FromMinutes(1) || options.MinimumRemainingLifetime > LongestDemand)
            faults.Add($"{Section}:MinimumRemainingLifetime: must be from 00:01:00 to 00:45:00.");
        if (options.RefreshAhead < TimeSpan.Zero || options.RefreshAhead > LongestWindow - options.MinimumRemainingLifetime)
            faults.Add($"{Section}:RefreshAhead: must not be negative, and at most 00:55:00 together with MinimumRemainingLifetime.");
        if (options.Generation < 1)
            faults.Add($"{Section}:Generation: must be a positive number.");

        if (options.EncryptionKeys.Count > 0 && options.EncryptionKeysPath is { Length: > 0 })
            faults.Add($"{Section}:EncryptionKeys: give either the keys or EncryptionKeysPath, not both.");
        CheckKeys(options.EncryptionKeys, index => $"{Section}:EncryptionKeys:{index}", faults);
        if (options.EncryptionKeysPath is { Length: > 0 } path)
        {
            if (SecretFile.TryRead(path, $"{Section}:EncryptionKeysPath", faults) is { } text)
                CheckKeys(text.Split('\n', StringSplitOptions.TrimEntries), index => $"{Section}:EncryptionKeysPath: line {index + 1}", faults);
        }

        // Starting without the shared cache that somebody configured would look well until the second replica mints on its own.
        foreach (var key in new[] { "ConnectionStrings:Redis", "ConnectionStrings:RedisPath" })
        {
            if (!string.IsNullOrEmpty(configuration[key]))
                faults.Add($"{key}: this version keeps tokens in memory only; take the setting out, or run a version that knows Redis.");
        }

        foreach (var child in configuration.GetSection("ConnectionStrings").GetChildren())
        {
            if (!child.Key.Equals("Redis", StringComparison.OrdinalIgnoreCase) && !child.Key.Equals("RedisPath", StringComparison.OrdinalIgnoreCase))
                faults.Add($"{child.Path}: is not a known key.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckKeys(IReadOnlyList<string?> keys, Func<int, string> nameOf, List<string> faults)
    {
        Span<byte> buffer = stackalloc byte[KeyBytes + 1];
        for (var index = 0; index < keys.Count; index++)
        {
            if (!Convert.TryFromBase64String(keys[index] ?? "", buffer, out var written) || written != KeyBytes)
                faults.Add($"{nameOf(index)}: must be 32 bytes in base64, such as `openssl rand -base64 32` prints.");
        }
    }
}
