using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox;
using TokenBroker.Sandbox.GitHub;
using TokenBroker.Sandbox.Issuer;
using TokenBroker.Tests.Authentication;

namespace TokenBroker.Tests.Failures;

/// <summary>
/// What is on the way to GitHub and to issuers, and says no before they are reached: the log tells what it is and what to do.
/// </summary>
public sealed class HttpFaultTests
{
    private const string Distrusted = "no TLS connection: The remote certificate is invalid because of errors in the certificate chain: "
        + "UntrustedRoot: name the authority that signed it in CaCertificatePath";
    private const string Misnamed = "no TLS connection: The remote certificate is invalid according to the validation procedure: "
        + "RemoteCertificateNameMismatch: use a host name that the certificate holds";

    [Theory]
    [InlineData("localhost", false, Distrusted)]
    [InlineData("other.example", true, Misnamed)]
    public async Task A_rejected_certificate_is_reported_with_its_reason(string name, bool isTrusted, string reason)
    {
        using var certificate = NewCertificate(name);
        using var stranger = NewCertificate("localhost");
        await using var server = await ServeAsync(_ => Task.CompletedTask, certificate);
        var address = server.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await using var broker = await TestBroker.StartAsync(
            (configuration, host) =>
            {
                var authorities = host.WriteFile("ca.pem", (isTrusted ? certificate : stranger).ExportCertificatePem());
                configuration["GitHub"]!["ApiUrl"] = address + "/api/v3";
                configuration["GitHub"]!["CaCertificatePath"] = authorities;
                configuration.SetIssuer("private", new { Authority = address, Audiences = new[] { "a" }, CaCertificatePath = authorities });
            },
            waitUntilReady: false);
        (await TokenRequests.RequestTokenAsync(broker, TokenRequests.Organization)).IsFailure(503, "github-unavailable");
        Assert.Contains(broker.Logs.Lines, line => line.Message.StartsWith("GitHub cannot be reached for ", StringComparison.Ordinal)
            && line.Message.EndsWith(": " + reason, StringComparison.Ordinal));
        Assert.Contains(broker.Logs.Lines, line => line.Message == "Issuer private: its keys cannot be fetched: " + reason);
        Assert.DoesNotContain("see inner exception", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_reported_as_such()
    {
        await using var server = await ServeAsync(_ => Task.CompletedTask);
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration.SetIssuer(
                "plain",
                new { Authority = server.Urls.Single().Replace("http:", "https:", StringComparison.Ordinal), Audiences = new[] { "a" } }),
            waitUntilReady: false);
        await Eventually.IsTrueAsync(() => broker.Logs.Text.Contains("Issuer plain: ", StringComparison.Ordinal), "it was told");
        Assert.Contains(broker.Logs.Lines, line =>
            line.Message.StartsWith("Issuer plain: its keys cannot be fetched: no TLS connection: ", StringComparison.Ordinal)
                && line.Message.EndsWith(": check whether that port speaks TLS", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(407, "it requires a user and a password, in HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT")]
    [InlineData(502, "it does not allow {0}, or cannot reach it; check its rules, or name the host in NO_PROXY")]
    public async Task A_proxy_that_refuses_is_named_and_its_password_is_not(int status, string advice)
    {
        using var proxy = new RefusingProxy(status);
        await using var gitHub = await SandboxGitHub.StartAsync();
        await using var issuer = await SandboxIssuer.StartAsync();
        using var files = new TemporaryFolder();
        JsonObject configuration = SandboxConfiguration.Create(
            new Uri("https://ghe.invalid"),
            gitHub.ClientId,
            files.Write("app.pem", gitHub.AppPrivateKeyPem),
            files.Write("enterprise-token", gitHub.EnterpriseToken),
            issuer.Address);
        configuration["GitHub"]!["ApiUrl"] = "https://ghe.invalid/api/v3";
        configuration.SetIssuer("far", new { Authority = "https://issuer.invalid", Audiences = new[] { "a" } });
        await using var broker = BrokerProcess.Start(
            ("TOKENBROKER_CONFIG", files.Write("broker.json", configuration.ToString())),
            ("HTTPS_PROXY", $"http://somebody:hunter2@{proxy.Address}"),
            ("NO_PROXY", "127.0.0.1"));
        using var client = new HttpClient { BaseAddress = await broker.AddressAsync() };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orgs/octo-org/actions/runners/registration-token");
        request.Headers.Authorization = new("Bearer", issuer.Sign());
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains(
            $"the proxy {proxy.Address} answered {status}: {string.Format(null, advice, "ghe.invalid")}",
            broker.Output,
            StringComparison.Ordinal);
        Assert.Contains($"Issuer far: its keys cannot be fetched: the proxy {proxy.Address} "
            + $"answered {status}: {string.Format(null, advice, "issuer.invalid")}", broker.Output, StringComparison.Ordinal);

        using var readiness = await client.GetAsync("/readyz");
        Assert.DoesNotContain(
            "hunter2",
            broker.Output + await readiness.Content.ReadAsStringAsync() + await response.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_issuer_that_redirects_is_reported_with_the_target()
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = context.Request.Path + "/?session=hunter2";
            return Task.CompletedTask;
        });
        var address = server.Urls.Single();
        await using var broker = await TestBroker.StartAsync(
            (configuration, _) => configuration.SetIssuer(
                "moved",
                new { Authority = address, Audiences = new[] { "a" }, RequireHttpsMetadata = false }),
            waitUntilReady: false);
        var told = $"Issuer moved: its keys cannot be fetched: it answers 301 and redirects "
            + $"to {address}/.well-known/openid-configuration/, which is not followed: set "
            + $"Authority, or JwksUri and Issuer, to the final address";
        await Eventually.IsTrueAsync(() => broker.Logs.Lines.Any(line => line.Message == told), "it was told");
        Assert.DoesNotContain("hunter2", broker.Logs.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_GitHub_that_redirects_to_its_login_page_is_not_an_API_and_no_scope_has_moved()
    {
        var asked = 0;
        await using var server = await ServeAsync(context =>
        {
            Interlocked.Increment(ref asked);
            context.Response.Redirect("/login?return_to=hunter2");
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html><body>You are being <a href=\"/login\">redirected</a>.</body></html>");
        });
        var address = server.Urls.Single();
        await using var broker = await TestBroker.StartAsync((configuration, _) => configuration["GitHub"]!["ApiUrl"] = address);
        var answer = (await TokenRequests.RequestTokenAsync(broker, TokenRequests.Organization)).IsFailure(503, "github-unavailable");
        Assert.Equal("The server that responded is not GitHub's API.", answer.Detail);
        Assert.Equal(1, Volatile.Read(ref asked));
        Assert.Contains(
            broker.Logs.Lines,
            line => line.Message.StartsWith("The server at GitHub:ApiUrl is not GitHub's API: it answered ", StringComparison.Ordinal)
                && line.Message.EndsWith(
                    $" with 302, to {address}/login. The API of a GitHub Enterprise Server is at https://HOST/api/v3",
                    StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", broker.Logs.Text, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }

    private static X509Certificate2 NewCertificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    /// <summary>A proxy that makes no tunnel.</summary>
    private sealed class RefusingProxy : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly byte[] answer;

        public RefusingProxy(int status)
        {
            answer = Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status} No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            listener.Start();
            _ = ServeAsync();
        }

        public string Address => listener.LocalEndpoint.ToString()!;

        public void Dispose() => listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await listener.AcceptTcpClientAsync();
                    var stream = client.GetStream();
                    using var reader = new StreamReader(stream, Encoding.ASCII);
                    while (await reader.ReadLineAsync() is { Length: > 0 })
                    {
                        // The rest of the request is of no interest.
                    }

                    await stream.WriteAsync(answer);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }
    }
}
