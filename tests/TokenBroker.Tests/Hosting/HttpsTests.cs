using System.Diagnostics;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Hosting;

/// <summary>HTTPS by configuration alone, with the settings of docs/deployment.md.</summary>
public sealed class HttpsTests
{
    [Fact]
    public async Task The_broker_serves_HTTPS_with_a_mounted_certificate()
    {
        using var certificate = NewCertificate("server");
        await using var served = await StartAsync(certificate);
        Assert.Equal("https", served.Address.Scheme);

        var jwt = served.Files.Write("jwt", served.Issuer.Sign());
        var authorities = served.Files.Write("ca.crt", certificate.ExportCertificatePem());
        Assert.Equal(0, await CommandAsync(
            "token",
            "--url",
            served.Address.ToString(),
            "--scope",
            "orgs/octo-org",
            "--token-file",
            jwt,
            "--ca-file",
            authorities));
        Assert.Equal(1, await CommandAsync(
            "token",
            "--url",
            served.Address.ToString(),
            "--scope",
            "orgs/octo-org",
            "--token-file",
            jwt,
            "--wait",
            "0"));
        Assert.Equal(0, await CommandAsync("healthcheck", "--url", new Uri(served.Address, "/livez").ToString()));
    }

    [Fact]
    public async Task A_caller_without_a_certificate_is_cut_off_where_one_is_required()
    {
        using var certificate = NewCertificate("server");
        using var own = NewCertificate("caller");
        await using var served = await StartAsync(
            certificate,
            ("Kestrel__Endpoints__Https__ClientCertificateMode", "RequireCertificate"),
            ("SSL_CERT_FILE", (Func<TemporaryFolder, string>)(files => files.Write("callers.crt", own.ExportCertificatePem()))));

        using var stranger = new HttpClient(Handler(certificate, own: null));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync(new Uri(served.Address, "/livez")));
        Assert.True(refused.InnerException is IOException or AuthenticationException, refused.ToString());
        using var known = new HttpClient(Handler(certificate, own));
        using var answer = await known.GetAsync(new Uri(served.Address, "/livez"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static SocketsHttpHandler Handler(X509Certificate2 server, X509Certificate2? own)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback =
            (_, shown, _, _) => shown?.GetCertHashString() == server.GetCertHashString();
        if (own is not null)
            handler.SslOptions.ClientCertificates = [own];
        return handler;
    }

    private static async Task<Served> StartAsync(X509Certificate2 certificate, params (string Name, object Value)[] more)
    {
        var files = new TemporaryFolder();
        var gitHub = await SandboxGitHub.StartAsync();
        var issuer = await SandboxIssuer.StartAsync();
        var configuration = SandboxConfiguration.Create(
            gitHub.Address,
            gitHub.ClientId,
            files.Write("app.pem", gitHub.AppPrivateKeyPem),
            files.Write("enterprise-token", gitHub.EnterpriseToken),
            issuer.Address);
        using var key = certificate.GetRSAPrivateKey()!;
        var broker = BrokerProcess.Start(
        [
            ("TOKENBROKER_CONFIG", files.Write("broker.json", configuration.ToString())),
            ("Kestrel__Endpoints__Https__Url", "https://127.0.0.1:0"),
            ("Kestrel__Endpoints__Https__Certificate__Path", files.Write("tls.crt", certificate.ExportCertificatePem())),
            ("Kestrel__Endpoints__Https__Certificate__KeyPath", files.Write("tls.key", key.ExportPkcs8PrivateKeyPem())),
            .. more.Select(setting => (setting.Name, setting.Value as string ?? ((Func<TemporaryFolder, string>)setting.Value)(files))),
        ]);
        return new Served(broker, await broker.AddressAsync(), gitHub, issuer, files);
    }

    private static async Task<int> CommandAsync(params string[] words)
    {
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TokenBroker.dll"), .. words]))!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(deadline.Token);
        return process.ExitCode;
    }

    private static X509Certificate2 NewCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(
            certificateAuthority: true,
            hasPathLengthConstraint: false,
            pathLengthConstraint: 0,
            critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
    }

    private sealed record Served(
        BrokerProcess Broker,
        Uri Address,
        SandboxGitHub GitHub,
        SandboxIssuer Issuer,
        TemporaryFolder Files) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Broker.DisposeAsync();
            await GitHub.DisposeAsync();
            await Issuer.DisposeAsync();
            Files.Dispose();
        }
    }
}
