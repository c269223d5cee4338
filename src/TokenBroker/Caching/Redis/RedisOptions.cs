using Microsoft.Extensions.Options;
using TokenBroker.Caching.Redis.Addresses;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// Section <c>ConnectionStrings</c>: where Redis is. Absent: tokens are kept in memory only, and each replica mints its own.
/// </summary>
public sealed class RedisOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "ConnectionStrings";

    /// <summary>
    /// The address as StackExchange.Redis writes it, <c>redis:6379,user=…,password=…,ssl=true,defaultDatabase=1</c>, or with sentinels
    /// <c>s1:26379,s2:26379,serviceName=…</c>; or a URL, <c>rediss://user:password@redis:6379/1</c>. A password with a comma needs a URL,
    /// percent-encoded. Default: none. A secret if it holds a password: see also <see cref="RedisPath"/>.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>A file with the same content, read again when it changes. Default: none.</summary>
    public string? RedisPath { get; set; }

    internal bool IsSet => Redis is { Length: > 0 } || RedisPath is { Length: > 0 };
}

/// <summary>What the rest of the configuration says about how Redis is used.</summary>
/// <param name="KeyPrefix">What every key begins with.</param>
/// <param name="CaCertificatePath">A PEM file of certificate authorities; null for the system's.</param>
internal sealed record RedisSettings(string KeyPrefix, string? CaCertificatePath);

internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    private const string Section = RedisOptions.Section;

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        var faults = new List<string>();
        if (options.Redis is { Length: > 0 } && options.RedisPath is { Length: > 0 })
            faults.Add($"{Section}:Redis: give either the address or RedisPath, not both.");
        if (options.Redis is { Length: > 0 } text)
            CheckAddress(text, $"{Section}:Redis", faults);
        if (options.RedisPath is { Length: > 0 } path && SecretFile.TryRead(path, $"{Section}:RedisPath", faults) is { } content)
            CheckAddress(content, $"{Section}:RedisPath", faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckAddress(string text, string key, List<string> faults)
    {
        try
        {
            _ = RedisAddress.Parse(text);
        }
        catch (FormatException exception)
        {
            faults.Add($"{key}: {exception.Message}.");
        }
    }
}
