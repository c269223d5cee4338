using Microsoft.Extensions.Options;
using TokenBroker.Configuration;

namespace TokenBroker.Caching.Redis;

internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    private const string Section = RedisOptions.Section;

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        var faults = new List<string>();
        if (options.Redis is { Length: > 0 } && options.RedisPath is { Length: > 0 })
            faults.Add($"{Section}:Redis: give either the address or RedisPath, not both.");
        if (options.Redis is { Length: > 0 } text)
            Check(text, $"{Section}:Redis", faults);
        if (options.RedisPath is { Length: > 0 } path && SecretFile.TryRead(path, $"{Section}:RedisPath", faults) is { } content)
            Check(content, $"{Section}:RedisPath", faults);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void Check(string text, string key, List<string> faults)
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
