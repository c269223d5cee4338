using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TokenBroker.Hosting;

/// <summary>Trusts the certificate authorities of a PEM file in place of the system's.</summary>
internal static class CertificateAuthorities
{
    /// <summary>Adds a fault if the file holds no certificate.</summary>
    public static void Check(string path, string key, List<string> faults)
    {
        if (SecretFile.TryRead(path, key, faults) is not { } pem)
            return;
        try
        {
            if (Parse(pem).Count == 0)
                faults.Add($"{key}: the file '{path}' holds no certificate.");
        }
        catch (CryptographicException)
        {
            faults.Add($"{key}: the file '{path}' holds no certificate.");
        }
    }

    /// <summary>The TLS settings of a client that trusts the file's authorities; null, and so the system's, without a file.</summary>
    public static SslClientAuthenticationOptions? Trust(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return null;
        return new SslClientAuthenticationOptions { CertificateChainPolicy = PolicyOf(Read(path)) };
    }

    /// <summary>The authorities of a file.</summary>
    public static X509Certificate2Collection Read(string path) => Parse(SecretFile.Read(path));

    /// <summary>Trusts these and no others.</summary>
    public static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static X509Certificate2Collection Parse(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        return certificates;
    }
}
