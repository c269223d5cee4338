using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Configuration;

/// <summary>Bundles of authorities as people have them, and what those are told whose bundle cannot be read.</summary>
public sealed class CertificateAuthoritiesTests
{
    private static readonly string Certificate = NewCertificate();
    private static readonly string Another = NewCertificate();

    [Fact]
    public void A_bundle_may_hold_several_and_words_between_them()
    {
        Assert.Empty(Check(Certificate));
        Assert.Empty(Check($"# the first\n{Certificate}\r\n\r\nsubject=CN = another\n{Another}\n# the end"));
        using var files = new TemporaryFolder();
        Assert.Equal(2, CertificateAuthorities.Read(files.Write("ca.pem", Certificate + Another)).Count);
    }

    [Fact]
    public void A_broken_block_is_reported_by_its_number_and_line()
    {
        const string Told = "holds a certificate that cannot be read: number 2, in line 3. Copy it again, or remove it.";
        var first = OneLine(Certificate);
        Assert.Equal(Told, Check(first + Broken(Another, "*") + Certificate));
        Assert.Equal(Told, Check(first + Another.Remove(100, 64) + Certificate));
        Assert.Equal(Told, Check(first + Another[..300] + "\n" + Certificate));
        Assert.Equal(Told, Check(first + Another[..300]));
        Assert.Equal(Told, Check(first + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"));
    }

    [Fact]
    public void Another_file_format_is_reported_with_a_remedy()
    {
        var der = X509Certificate2.CreateFromPem(Certificate).RawData;
        Assert.Equal("is in DER, but must be in PEM: openssl x509 -inform der -in FILE -out ca.pem.", Check(der));
        Assert.Equal(
            "holds a certificate in OpenSSL's own format, BEGIN TRUSTED CERTIFICATE: number 1, in line 1. "
                + "Convert it: openssl x509 -in FILE -out ca.pem.",
            Check(Certificate.Replace("CERTIFICATE", "TRUSTED CERTIFICATE", StringComparison.Ordinal)));
        const string None = "holds no certificate. It must be a PEM file of the authorities, with -----BEGIN CERTIFICATE----- before each.";
        Assert.Equal(None, Check("no certificate"));
        using var key = RSA.Create(2048);
        Assert.Equal(None, Check(key.ExportPkcs8PrivateKeyPem()));
    }

    // What it is told behind the key and the path.
    private static string Check(string content) => Check(System.Text.Encoding.UTF8.GetBytes(content));

    private static string Check(byte[] content)
    {
        using var files = new TemporaryFolder();
        var path = files.PathOf("ca.pem");
        File.WriteAllBytes(path, content);
        var faults = new List<string>();
        CertificateAuthorities.Check(path, "GitHub:CaCertificatePath", faults);
        var start = $"GitHub:CaCertificatePath: the file '{path}' ";
        Assert.All(faults, fault => Assert.StartsWith(start, fault, StringComparison.Ordinal));
        return faults.Count == 0 ? "" : Assert.Single(faults)[start.Length..];
    }

    // Of two lines, so that what follows begins in the third.
    private static string OneLine(string pem)
    {
        var parts = pem.Split("-----", StringSplitOptions.RemoveEmptyEntries);
        return $"-----{parts[0]}-----{parts[1].ReplaceLineEndings("")}\n-----{parts[2]}-----\n";
    }

    private static string Broken(string pem, string with) => pem.Insert(100, with) + "\n";

    private static string NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=authority", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            now.AddDays(-1),
            now.AddDays(1));
        return certificate.ExportCertificatePem() + "\n";
    }
}
