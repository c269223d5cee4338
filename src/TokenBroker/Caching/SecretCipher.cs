using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Caching;

/// <summary>
/// Encrypts what leaves the process: AES-256-GCM with the name of its key bound to it, so that a value is worth nothing elsewhere.
/// The first key encrypts, all of them decrypt.
/// </summary>
internal sealed class SecretCipher
{
    /// <summary>The length of a key in bytes.</summary>
    public const int KeyBytes = 32;

    private const byte Format = 1;
    private static readonly int NonceBytes = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagBytes = AesGcm.TagByteSizes.MaxSize;

    private readonly IReadOnlyList<byte[]> keys;

    private SecretCipher(IReadOnlyList<byte[]> keys) => this.keys = keys;

    /// <summary>Reads keys in base64, one a line; throws <see cref="FormatException"/> if one is none.</summary>
    public static SecretCipher Parse(string text)
    {
        var parsed = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseKey).ToList();
        return parsed.Count > 0 ? new SecretCipher(parsed) : throw new FormatException("holds no key");
    }

    /// <summary>Whether one of the keys is one byte repeated: somebody filled in the form and made no key.</summary>
    public bool IsGuessable => keys.Any(key => !key.AsSpan().ContainsAnyExcept(key[0]));

    /// <summary>Encrypts a text under a name.</summary>
    public byte[] Encrypt(string name, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedValue = new byte[1 + NonceBytes + TagBytes + plain.Length];
        sealedValue[0] = Format;
        var nonce = sealedValue.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(keys[0], TagBytes);
        aes.Encrypt(nonce, plain, sealedValue.AsSpan(1 + NonceBytes + TagBytes), sealedValue.AsSpan(1 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(name));
        CryptographicOperations.ZeroMemory(plain);
        return sealedValue;
    }

    /// <summary>Decrypts what was encrypted under the same name by any of the keys; false for everything else.</summary>
    public bool TryDecrypt(string name, ReadOnlySpan<byte> sealedValue, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (sealedValue.Length < 1 + NonceBytes + TagBytes || sealedValue[0] != Format)
            return false;

        var nonce = sealedValue.Slice(1, NonceBytes);
        var tag = sealedValue.Slice(1 + NonceBytes, TagBytes);
        var plain = new byte[sealedValue.Length - 1 - NonceBytes - TagBytes];
        foreach (var key in keys)
        {
            try
            {
                using var aes = new AesGcm(key, TagBytes);
                aes.Decrypt(nonce, sealedValue[(1 + NonceBytes + TagBytes)..], tag, plain, Encoding.UTF8.GetBytes(name));
                text = Encoding.UTF8.GetString(plain);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                // Another key, or not ours.
            }
        }

        return false;
    }

    public override string ToString() => "encryption keys";

    private static byte[] ParseKey(string line)
    {
        var key = new byte[KeyBytes + 1];
        return Convert.TryFromBase64String(line, key, out var written) && written == KeyBytes
            ? key[..KeyBytes]
            : throw new FormatException("must be 32 bytes in base64, such as `openssl rand -base64 32` prints");
    }
}
