using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using StackExchange.Redis;

namespace TokenBroker.Caching.Redis;

/// <summary>
/// A secret as Redis holds it: its expiry in digits, which scripts compare, then the rest, encrypted. The key's name and the digits are
/// bound to the ciphertext, so that neither can be exchanged.
/// </summary>
internal sealed record StoredSecret(
    [property: JsonPropertyName("value")] string Value,
    [property: JsonPropertyName("expires")] DateTimeOffset ExpiresAt,
    [property: JsonPropertyName("minted")] DateTimeOffset MintedAt)
{
    private const int ExpiryDigits = 16;

    public byte[] Encrypt(SecretCipher cipher, RedisKey key)
    {
        var digits = ExpiresAt.ToUnixTimeMilliseconds().ToString("D" + ExpiryDigits, CultureInfo.InvariantCulture);
        return [.. Encoding.ASCII.GetBytes(digits), .. cipher.Encrypt(BoundName(key, digits), JsonSerializer.Serialize(this))];
    }

    /// <summary>Decrypts a secret; null if no key decrypts it, or if another version of the broker wrote it differently.</summary>
    public static StoredSecret? Decrypt(SecretCipher cipher, RedisKey key, byte[] stored) =>
        DecryptJson(cipher, key, stored) is { } json ? StoredJson.Parse<StoredSecret>(json) : null;

    /// <summary>Whether one of the keys decrypts a secret.</summary>
    public static bool IsReadable(SecretCipher cipher, RedisKey key, byte[] stored) => DecryptJson(cipher, key, stored) is not null;

    public override string ToString() => $"a stored secret until {ExpiresAt:O}";

    private static string? DecryptJson(SecretCipher cipher, RedisKey key, byte[] stored)
    {
        var digits = Math.Min(ExpiryDigits, stored.Length);
        var name = BoundName(key, Encoding.ASCII.GetString(stored, 0, digits));
        return cipher.TryDecrypt(name, stored.AsSpan(digits), out var json) ? json : null;
    }

    private static string BoundName(RedisKey key, string digits) => $"{(string)key!}|{digits}";
}

/// <summary>A failure as Redis holds it, encrypted as a whole.</summary>
internal sealed record StoredFailure(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("detail")] string Detail,
    [property: JsonPropertyName("retry_after")] TimeSpan? RetryAfter,
    [property: JsonPropertyName("failures")] int Failures,
    [property: JsonPropertyName("failed")] DateTimeOffset FailedAt,
    [property: JsonPropertyName("remembered")] TimeSpan? Remembered = null)
{
    public byte[] Encrypt(SecretCipher cipher, RedisKey key) => cipher.Encrypt(key!, JsonSerializer.Serialize(this));

    /// <summary>Decrypts a failure; null if no key decrypts it, or if another version of the broker wrote it differently.</summary>
    public static StoredFailure? Decrypt(SecretCipher cipher, RedisKey key, byte[] stored) =>
        cipher.TryDecrypt(key!, stored, out var json) ? StoredJson.Parse<StoredFailure>(json) : null;
}

file static class StoredJson
{
    public static T? Parse<T>(string json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
