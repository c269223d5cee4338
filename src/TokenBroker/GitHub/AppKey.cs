using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.Configuration;

namespace TokenBroker.GitHub;

/// <summary>Reads the App's private key in the formats that environment variables, secret stores and shells turn it into.</summary>
internal static partial class AppKey
{
    private const int FewestBits = 2048;
    private const string Rsa = "1.2.840.113549.1.1.1";
    private const string Begin = "-----BEGIN ";
    private const string NoKey =
        "is not a private key. Use the .pem file that GitHub generated for the App: its path in PrivateKeyPath, or its text in PrivateKey.";
    private const string Damaged =
        "is a truncated or damaged key. Copy the whole .pem file that GitHub generated for the App again.";
    private const string Encrypted =
        "is encrypted with a passphrase, which the broker does not have. Decrypt it with: openssl pkey -in FILE -out app.pem.";
    private const string Public = "is a public key. Use the App's private key: the .pem file that GitHub generated for it.";
    private const string OtherKind =
        "is not an RSA key, the only kind that Apps use. Use the .pem file that GitHub generated for the App.";
    private const string Several = "contains more than one key. Keep only the App's private key.";

    /// <summary>
    /// Reads an RSA private key: PEM, plain or in base64, quoted or not, with line ends or \n, or the base64 lines of a PEM file alone.
    /// Throws <see cref="UnusableContentException"/> for anything else.
    /// </summary>
    public static RsaSecurityKey Parse(string text)
    {
        var rsa = RSA.Create();
        try
        {
            Import(rsa, Decode(text));
            return rsa.KeySize >= FewestBits ? new RsaSecurityKey(rsa) : throw new UnusableContentException(
                $"is an RSA key of {rsa.KeySize} bits, fewer than {FewestBits}. Generate a new one in the App's settings at GitHub.");
        }
        catch
        {
            rsa.Dispose();
            throw;
        }
    }

    private static byte[] Decode(string text)
    {
        var plain = Plain(text);
        if (plain.Contains(Begin, StringComparison.Ordinal))
            return DecodePem(plain);
        var bytes = DecodeBase64(plain) ?? throw new UnusableContentException(NoKey);
        var inner = Encoding.UTF8.GetString(bytes);
        return inner.Contains(Begin, StringComparison.Ordinal) ? DecodePem(Plain(inner)) : bytes;
    }

    // docker --env-file keeps quotes, and a single-line variable contains line ends as the characters \n or \r\n.
    private static string Plain(string text)
    {
        var plain = text.Trim().Trim('"', '\'');
        return EscapedLineEnd().Replace(plain, "\n").Trim();
    }

    private static byte[] DecodePem(string pem)
    {
        var labels = Labels().Matches(pem).Select(begin => begin.Groups["label"].Value).ToList();
        var label = labels.Count switch
        {
            0 => throw new UnusableContentException(NoKey),
            1 => labels[0],
            _ => throw new UnusableContentException(Several),
        };
        if (pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw new UnusableContentException(Encrypted);
        if (label.StartsWith("OPENSSH", StringComparison.Ordinal))
            throw new UnusableContentException(OtherKind);
        var block = pem.AsSpan(pem.IndexOf(Begin + label, StringComparison.Ordinal));
        return PemEncoding.TryFind(block, out var found) && DecodeBase64(block[found.Base64Data].ToString()) is { } key
            ? key
            : throw new UnusableContentException(Damaged);
    }

    private static byte[]? DecodeBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : null;
    }

    private static void Import(RSA rsa, byte[] key)
    {
        try
        {
            if (IsPkcs8(key))
                rsa.ImportPkcs8PrivateKey(key, out _);
            else
                rsa.ImportRSAPrivateKey(key, out _);
        }
        catch (Exception exception) when (exception is AsnContentException or CryptographicException)
        {
            throw new UnusableContentException(key is [0x30, ..] ? Damaged : NoKey);
        }
    }

    // Determines only the kind of key; throws for kinds that cannot be used, and names them.
    // See https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1, https://www.rfc-editor.org/rfc/rfc5958 and
    // https://www.rfc-editor.org/rfc/rfc5915
    private static bool IsPkcs8(byte[] key)
    {
        var parts = new AsnReader(key, AsnEncodingRules.BER).ReadSequence();
        if (parts.PeekTag() == Asn1Tag.Sequence)
        {
            parts.ReadSequence();
            throw new UnusableContentException(parts.PeekTag() == Asn1Tag.PrimitiveBitString ? Public : Encrypted);
        }

        parts.ReadInteger();
        if (parts.PeekTag() == Asn1Tag.Sequence)
            return parts.ReadSequence().ReadObjectIdentifier() == Rsa ? true : throw new UnusableContentException(OtherKind);
        if (parts.PeekTag() != Asn1Tag.Integer)
            throw new UnusableContentException(OtherKind);
        parts.ReadInteger();
        return parts.HasData ? false : throw new UnusableContentException(Public);
    }

    [GeneratedRegex(@"\\+[rn]", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EscapedLineEnd();

    [GeneratedRegex(
        "-----BEGIN (?<label>[A-Z0-9 ]*KEY)-----",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Labels();
}
