using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.GitHub;

/// <summary>The App's private key.</summary>
internal static class AppKey
{
    private const int FewestBits = 2048;

    /// <summary>Reads an RSA private key in PEM, plain or in base64; throws <see cref="CryptographicException"/> for anything else.</summary>
    public static RsaSecurityKey Parse(string text)
    {
        var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(ToPem(text));
            _ = rsa.ExportParameters(includePrivateParameters: true).D ?? throw new CryptographicException("is a public key");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new CryptographicException("is not a PEM key");
        }

        return rsa.KeySize >= FewestBits ? new RsaSecurityKey(rsa) : throw new CryptographicException("is too short");
    }

    // An environment variable often holds the line ends as the two characters \n.
    private static string ToPem(string text) => text.Contains("-----BEGIN", StringComparison.Ordinal)
        ? text.Replace("\\n", "\n", StringComparison.Ordinal)
        : Encoding.UTF8.GetString(Convert.FromBase64String(text));
}
