using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TokenBroker.Configuration;

/// <summary>Trusts the certificate authorities of a PEM file in place of the system's.</summary>
internal static class CertificateAuthorities
{
    private const string Begin = "-----BEGIN ";
    private const string Certificate = "CERTIFICATE";
    private const char Unreadable = '\uFFFD';

    /// <summary>Adds a fault if the file holds no certificate, or an unreadable one.</summary>
    public static void Check(string path, string key, List<string> faults)
    {
        if (SecretFile.TryRead(path, key, faults) is not { } pem)
            return;
        try
        {
            Parse(pem);
        }
        catch (UnusableContentException exception)
        {
            faults.Add($"{key}: the file '{path}' {exception.Message}");
        }
    }

    /// <summary>The TLS settings of a client that trusts the file's authorities; null, for the system's, without a file.</summary>
    public static SslClientAuthenticationOptions? Trust(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return null;
        return new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(Read(path)) };
    }

    /// <summary>The authorities of a file.</summary>
    public static X509Certificate2Collection Read(string path) => Parse(SecretFile.ReadOnce(path));

    /// <summary>Trusts these and no others.</summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    // The framework silently skips a block with broken base64, so the authority would not be trusted.
    private static X509Certificate2Collection Parse(string pem)
    {
        // DER begins with an ASN.1 sequence of more than a hundred bytes, which is not text.
        if (pem is ['0', Unreadable, ..])
            throw new UnusableContentException("is in DER, but must be in PEM: openssl x509 -inform der -in FILE -out ca.pem.");
        var certificates = new X509Certificate2Collection();
        for (var at = pem.IndexOf(Begin, StringComparison.Ordinal); at >= 0;)
        {
            var next = pem.IndexOf(Begin, at + Begin.Length, StringComparison.Ordinal);
            var block = next < 0 ? pem[at..] : pem[at..next];
            if (block[Begin.Length..].Split("-----")[0].EndsWith(Certificate, StringComparison.Ordinal))
                certificates.Add(ReadBlock(block, Place(pem, at, certificates.Count + 1)));
            at = next;
        }

        return certificates.Count > 0
            ? certificates
            : throw new UnusableContentException(
                "holds no certificate. It must be a PEM file of the authorities, with -----BEGIN CERTIFICATE----- before each.");
    }

    private static X509Certificate2 ReadBlock(string block, string place)
    {
        if (block.StartsWith(Begin + "TRUSTED", StringComparison.Ordinal))
        {
            throw new UnusableContentException(
                $"holds a certificate in OpenSSL's own format, BEGIN TRUSTED CERTIFICATE: {place}. "
                + "Convert it: openssl x509 -in FILE -out ca.pem.");
        }

        try
        {
            return X509Certificate2.CreateFromPem(block);
        }
        catch (CryptographicException)
        {
            throw new UnusableContentException($"holds a certificate that cannot be read: {place}. Copy it again, or remove it.");
        }
    }

    private static string Place(string pem, int at, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"number {number}, in line {pem.AsSpan(0, at).Count('\n') + 1}");
}
