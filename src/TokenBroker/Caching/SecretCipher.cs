using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace TokenBroker.Caching;

/// <summary>
/// Encrypts values that leave the process with AES-256-GCM. The name of a value's Redis key is bound to it, so that it is worthless under
/// another name. The first key encrypts, all of them decrypt.
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

    /// <summary>Reads keys in base64, one per line; throws <see cref="FormatException"/> if a line is not a key.</summary>
    public static SecretCipher Parse(string text)
    {
        var parsed = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseKey).ToList();
        return parsed.Count > 0 ? new SecretCipher(parsed) : throw new FormatException("holds no key");
    }

    /// <summary>Whether one of the keys is a single byte repeated, as in a placeholder.</summary>
    public bool IsGuessable => keys.Any(key => !key.AsSpan().ContainsAnyExcept(key[0]));

    public byte[] Encrypt(string name, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var sealedValue = new byte[1 + NonceBytes + TagBytes + plain.Length];
        sealedValue[0] = Format;
        var nonce = sealedValue.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(keys[0], TagBytes);
        var (cipher, tag) = (1 + NonceBytes + TagBytes, 1 + NonceBytes);
        aes.Encrypt(nonce, plain, sealedValue.AsSpan(cipher), sealedValue.AsSpan(tag, TagBytes), Encoding.UTF8.GetBytes(name));
        CryptographicOperations.ZeroMemory(plain);
        return sealedValue;
    }

    /// <summary>Decrypts a value that any of the keys encrypted under the same name; false for anything else.</summary>
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
