using System.Security.Cryptography;
using System.Text;
using TokenBroker.GitHub;
using TokenBroker.Sandbox.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class GitHubOptionsValidatorTests
{
    private static readonly string Key = SandboxGitHub.NewAppKey();

    [Theory]
    [InlineData("https://api.github.com", true)]
    [InlineData("https://github.example/api/v3", true)]
    [InlineData("https://github.example/api/v3/", true)]
    [InlineData("https://api.octo.ghe.com", true)]
    [InlineData("http://127.0.0.1:8081", true)]
    [InlineData("http://localhost:8081", true)]
    [InlineData("http://[::1]:8081", true)]
    [InlineData("http://github.example/api/v3", false)]
    [InlineData("", false)]
    [InlineData("api.github.com", false)]
    [InlineData("ftp://api.github.com", false)]
    [InlineData("https://user:secret@api.github.com", false)]
    [InlineData("https://api.github.com?x=1", false)]
    [InlineData("https://api.github.com#x", false)]
    public void An_address_is_https_or_on_loopback(string address, bool isValid)
    {
        var faults = Validate(WithApp(options => options.ApiUrl = address));
        Assert.Equal(isValid, faults.Count == 0);
        Assert.All(faults, fault => Assert.StartsWith("GitHub:ApiUrl: ", fault, StringComparison.Ordinal));
        Assert.DoesNotContain(faults, fault => fault.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Plain_http_is_taken_elsewhere_where_that_is_asked_for() =>
        Assert.Empty(Validate(WithApp(options => (options.ApiUrl, options.RequireHttps) = ("http://github.example", false))));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void Requests_at_once_are_from_1_to_100(int count, bool isValid) =>
        Assert.Equal(
            isValid ? [] : ["GitHub:MaxConcurrentRequests: must be from 1 to 100."],
            Validate(WithApp(options => options.MaxConcurrentRequests = count)));

    [Theory]
    [InlineData(null, null, null, "GitHub:App", "neither an App nor an enterprise token")]
    [InlineData("Iv23", null, null, "GitHub:App:PrivateKeyPath", "no key")]
    [InlineData(null, "key", null, "GitHub:App:ClientId", "a key of nobody's")]
    [InlineData(" ", null, "app.pem", "GitHub:App:ClientId", "a key file of nobody's")]
    [InlineData("Iv23", "key", "app.pem", "GitHub:App:PrivateKey", "two keys")]
    [InlineData("Iv23", null, "missing.pem", "GitHub:App:PrivateKeyPath", "a file that is missing")]
    [InlineData("Iv23", null, "empty.pem", "GitHub:App:PrivateKeyPath", "a file that is empty")]
    [InlineData("Iv23", null, "public.pem", "GitHub:App:PrivateKeyPath", "a public key")]
    [InlineData("Iv23", null, "short.pem", "GitHub:App:PrivateKeyPath", "a short key")]
    [InlineData("Iv23", null, "elliptic.pem", "GitHub:App:PrivateKeyPath", "a key that is not RSA")]
    [InlineData("Iv23", "no-key-SECRET", null, "GitHub:App:PrivateKey", "a text that is no key")]
    [InlineData("Iv23", "bm8ga2V5IFNFQ1JFVA==", null, "GitHub:App:PrivateKey", "base64 of a text that is no key")]
    public void A_faulty_App_is_named_by_its_key(string? clientId, string? key, string? file, string at, string why)
    {
        using var files = Files();
        var options = new GitHubOptions
        {
            App = { ClientId = clientId, PrivateKey = key == "key" ? Key : key, PrivateKeyPath = file is null ? null : files.PathOf(file) },
        };
        var fault = Assert.Single(Validate(options));
        Assert.True(fault.StartsWith(at + ": ", StringComparison.Ordinal), why + ": " + fault);
        Assert.DoesNotContain("SECRET", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_taken_as_PEM_in_one_line_in_base64_in_PKCS8_or_from_a_file()
    {
        using var files = Files();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Key);
        foreach (var text in new[]
        {
            Key,
            Key.Replace("\n", "\\n", StringComparison.Ordinal),
            Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)),
            rsa.ExportPkcs8PrivateKeyPem(),
        })
            Assert.Empty(Validate(new GitHubOptions { App = { ClientId = "4711", PrivateKey = text } }));
        Assert.Empty(Validate(new GitHubOptions { App = { ClientId = "4711", PrivateKeyPath = files.PathOf("app.pem") } }));
    }

    [Theory]
    [InlineData("ghp_good", null, null, "a token")]
    [InlineData(null, "token", null, "a token's file, with a line's end")]
    [InlineData("ghp bad", null, "GitHub:EnterpriseToken", "a space in it")]
    [InlineData("   ", null, "GitHub:EnterpriseToken", "nothing but space")]
    [InlineData("ghp_bäd", null, "GitHub:EnterpriseToken", "a letter that no header takes")]
    [InlineData("ghp_good", "token", "GitHub:EnterpriseToken", "two tokens")]
    [InlineData(null, "missing", "GitHub:EnterpriseTokenPath", "a file that is missing")]
    [InlineData(null, "lines", "GitHub:EnterpriseTokenPath", "a file of two lines")]
    public void An_enterprise_token_alone_will_do_if_it_is_one(string? token, string? file, string? at, string why)
    {
        using var files = Files();
        var faults = Validate(
            new GitHubOptions { EnterpriseToken = token, EnterpriseTokenPath = file is null ? null : files.PathOf(file) });
        Assert.True(faults.Count == (at is null ? 0 : 1), why + ": " + string.Join(' ', faults));
        Assert.All(faults, fault => Assert.StartsWith(at + ": ", fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("app.pem")]
    public void Authorities_are_certificates(string file)
    {
        using var files = Files();
        var fault = Assert.Single(Validate(WithApp(options => options.CaCertificatePath = files.PathOf(file))));
        Assert.StartsWith("GitHub:CaCertificatePath: ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_listed_at_once() => Assert.Equal(
        4,
        Validate(new GitHubOptions
        {
            ApiUrl = "x",
            MaxConcurrentRequests = 0,
            App = { ClientId = "Iv23" },
            EnterpriseToken = "a b",
        }).Count);

    private static GitHubOptions WithApp(Action<GitHubOptions> change)
    {
        var options = new GitHubOptions { App = { ClientId = "Iv23", PrivateKey = Key } };
        change(options);
        return options;
    }

    private static List<string> Validate(GitHubOptions options) =>
        [.. new GitHubOptionsValidator().Validate(name: null, options).Failures ?? []];

    private static TemporaryFolder Files()
    {
        var files = new TemporaryFolder();
        using var rsa = RSA.Create();
        rsa.ImportFromPem(Key);
        using var shortKey = RSA.Create(1024);
        using var elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        files.Write("app.pem", Key + "\n");
        files.Write("empty.pem", " \n");
        files.Write("public.pem", rsa.ExportRSAPublicKeyPem());
        files.Write("short.pem", shortKey.ExportRSAPrivateKeyPem());
        files.Write("elliptic.pem", elliptic.ExportPkcs8PrivateKeyPem());
        files.Write("token", "ghp_good\n");
        files.Write("lines", "ghp_good\nghp_other\n");
        return files;
    }
}
