using System.Security.Cryptography;
using System.Text;
using TokenBroker.Configuration;
using TokenBroker.GitHub;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

/// <summary>The App's key in the shapes that people have it in, and what those are told whose key will not do.</summary>
public sealed class AppKeyTests
{
    private const string Ed25519 =
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBERERERERERERERERERERERERERERERERERERERERER\n-----END PRIVATE KEY-----\n";
    private static readonly string Pem = SandboxGitHub.NewAppKey();
    private static readonly RSA Key = FromPem();
    private static readonly string Escaped = Pem.Replace("\n", "\\n", StringComparison.Ordinal);

    public static TheoryData<string, string> Taken() => new()
    {
        { Pem, "the file" },
        { "\uFEFF" + Pem.ReplaceLineEndings("\r\n"), "the file after an editor of Windows" },
        { "# the App's key\n" + Pem, "a comment above it" },
        { Pem.TrimEnd('\n').Replace('\n', ' '), "one line, with spaces for line ends" },
        { Escaped, "\\n for line ends" },
        { Pem.Replace("\n", "\\r\\n", StringComparison.Ordinal), "\\r\\n for line ends" },
        { Pem.Replace("\n", "\\\\n", StringComparison.Ordinal), "escaped twice" },
        { $"\"{Escaped}\"", "in quotes, as docker --env-file keeps them" },
        { $"'{Pem}'", "in single quotes" },
        { Base64(Pem), "in base64" },
        { Base64(Pem, Base64FormattingOptions.InsertLineBreaks), "in base64 of several lines" },
        { Base64(Escaped), "in base64 of an escaped key" },
        { Base64($"\"{Escaped}\""), "in base64 of an escaped key in quotes" },
        { $"\"{Base64(Pem)}\"", "in base64, in quotes" },
        { Body(Pem), "without its first and last line" },
        { Body(Escaped), "without its first and last line, escaped" },
        { Body(Key.ExportPkcs8PrivateKeyPem()), "PKCS #8 without its first and last line" },
        { Key.ExportPkcs8PrivateKeyPem(), "PKCS #8" },
    };

    public static TheoryData<string, string> Refused() => new()
    {
        { "no-key-SECRET", "is not a private key. Use the .pem file that GitHub generated for the App: its path "
            + "in PrivateKeyPath, or its text in PrivateKey." },
        { "/run/secrets/app.pem", "is not a private key. Use the .pem file that GitHub generated for the App: its path "
            + "in PrivateKeyPath, or its text in PrivateKey." },
        { Base64("no key SECRET"), "is not a private key. Use the .pem file that GitHub generated for the App: its path "
            + "in PrivateKeyPath, or its text in PrivateKey." },
        { Pem[..600], "is a truncated or damaged key. Copy the whole .pem file that GitHub generated for the App again." },
        { Pem.Remove(200, 64), "is a truncated or damaged key. Copy the whole .pem file that GitHub generated for the App again." },
        { Pem.Insert(200, "*"), "is a truncated or damaged key. Copy the whole .pem file that GitHub generated for the App again." },
        { Body(Pem)[..400], "is a truncated or damaged key. Copy the whole .pem file that GitHub generated for the App again." },
        { Traditional(Pem), "is encrypted with a passphrase, which the broker does not have. Decrypt "
            + "it with: openssl pkey -in FILE -out app.pem." },
        { EncryptedPkcs8(), "is encrypted with a passphrase, which the broker does not have. Decrypt "
            + "it with: openssl pkey -in FILE -out app.pem." },
        { Body(EncryptedPkcs8()), "is encrypted with a passphrase, which the broker does not have. Decrypt "
            + "it with: openssl pkey -in FILE -out app.pem." },
        { Key.ExportRSAPublicKeyPem(), "is a public key. Use the App's private key: the .pem file that GitHub generated for it." },
        { Key.ExportSubjectPublicKeyInfoPem(), "is a public key. Use the App's private key: the .pem file that GitHub generated for it." },
        { Base64(
            Key.ExportSubjectPublicKeyInfoPem()), "is a public key. Use the App's private key: the .pem file "
                + "that GitHub generated for it." },
        { Elliptic(key =>
            key.ExportECPrivateKeyPem()), "is not an RSA key, the only kind that Apps use. Use the "
                + ".pem file that GitHub generated for the App." },
        { Elliptic(key => key.ExportPkcs8PrivateKeyPem()), "is not an RSA key, the only kind that Apps use. Use the .pem "
            + "file that GitHub generated for the App." },
        { Ed25519, "is not an RSA key, the only kind that Apps use. Use the .pem file that GitHub generated for the App." },
        { "-----BEGIN OPENSSH PRIVATE "
            + "KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE "
            + "KEY-----\n", "is not an RSA key, the only kind that Apps use. Use the .pem "
            + "file that GitHub generated for the App." },
        { Small(), "is an RSA key of 1024 bits, fewer than 2048. Generate a new one in the App's settings at GitHub." },
        { Key.ExportSubjectPublicKeyInfoPem() + "\n" + Pem, "contains more than one key. Keep only the App's private key." },
        { Pem + SandboxGitHub.NewAppKey(), "contains more than one key. Keep only the App's private key." },
    };

    [Theory]
    [MemberData(nameof(Taken), DisableDiscoveryEnumeration = true)]
    public void A_key_is_taken_in_the_shapes_that_people_have(string text, string shape)
    {
        var read = AppKey.Parse(text).Rsa.ExportParameters(includePrivateParameters: true);
        Assert.True(Key.ExportParameters(includePrivateParameters: true).D!.SequenceEqual(read.D!), shape);

        // By a file as well: some come as mounted files.
        using var files = new TemporaryFolder();
        Assert.Null(new GitHubOptionsValidator().Validate(name: null, new GitHubOptions
        {
            App = { ClientId = "1", PrivateKeyPath = files.Write("key", text) },
        }).Failures);
    }

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public void An_unusable_key_is_reported_with_reason_and_remedy(string text, string told)
    {
        Assert.Equal(told, Assert.Throws<UnusableContentException>(() => AppKey.Parse(text)).Message);
        using var files = new TemporaryFolder();
        var inText = new GitHubOptionsValidator().Validate(name: null, new GitHubOptions { App = { ClientId = "1", PrivateKey = text } });
        var inFile = new GitHubOptionsValidator().Validate(
            name: null,
            new GitHubOptions { App = { ClientId = "1", PrivateKeyPath = files.Write("key", text) } });
        Assert.Equal("GitHub:App:PrivateKey: " + told, Assert.Single(inText.Failures!));
        Assert.Equal("GitHub:App:PrivateKeyPath: " + told, Assert.Single(inFile.Failures!));
    }

    private static RSA FromPem()
    {
        var key = RSA.Create();
        key.ImportFromPem(Pem);
        return key;
    }

    private static string Base64(string text, Base64FormattingOptions options = Base64FormattingOptions.None) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text), options);

    private static string Body(string pem) => string.Concat(pem.Split("-----", StringSplitOptions.RemoveEmptyEntries)[1].Split('\n'));

    private static string Small()
    {
        using var key = RSA.Create(1024);
        return key.ExportRSAPrivateKeyPem();
    }

    private static string Elliptic(Func<ECDsa, string> export)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return export(key);
    }

    private static string EncryptedPkcs8() =>
        Key.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));

    // What OpenSSL writes above a key that it encrypts in its older form.
    private static string Traditional(string pem) => pem.Insert(
        pem.IndexOf('\n', StringComparison.Ordinal) + 1,
        "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n");
}
