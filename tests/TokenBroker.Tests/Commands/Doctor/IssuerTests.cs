using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Commands.Doctor;

/// <summary>One fault is planted at an issuer, and that one is found.</summary>
public sealed class IssuerTests
{
    [Fact]
    public async Task A_missing_issuer()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        await fixture.Issuer.StopAsync();
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "issuer 'sandbox': its keys cannot be fetched from http://127.0.0.1",
            "no connection (Connection refused",
            "firewall");
    }

    [Fact]
    public async Task An_issuer_that_names_another()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.Issuer.Fail(SandboxIssuerFault.WrongIssuer);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "issuer 'sandbox': ",
            "its discovery document names an issuer other than its Authority",
            "Authentication:Issuers:sandbox:Issuer");
    }

    [Theory]
    [InlineData(SandboxIssuerFault.ServerError, "it answers 500", "Check the address")]
    [InlineData(SandboxIssuerFault.Redirect, "it answers 302 and redirects to http://127.0.0.1", "Check the address")]
    [InlineData(SandboxIssuerFault.Oversized, "", "Check the address")]
    [InlineData(SandboxIssuerFault.Down, "", "Check the address")]
    public async Task An_issuer_that_fails(SandboxIssuerFault fault, string text, string advice)
    {
        await using var fixture = await DoctorFixture.StartAsync();
        fixture.Issuer.Fail(fault);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT", "issuer 'sandbox': its keys cannot be fetched from http://127.0.0.1", text, advice);
    }

    [Fact]
    public async Task An_issuer_whose_certificate_is_not_trusted()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        using var key = RSA.Create(2048);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        await using var issuer = builder.Build();
        await issuer.StartAsync();

        fixture.IssuerSettings["Authority"] = issuer.Urls.Single().Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        (await fixture.RunDoctorAsync()).IsOnly(
            "FAULT",
            "issuer 'sandbox': ",
            "its certificate is not accepted",
            "Authentication:Issuers:sandbox:CaCertificatePath");
    }

    [Fact]
    public async Task Keys_from_an_address_and_from_a_file_are_counted()
    {
        await using var fixture = await DoctorFixture.StartAsync();
        var keys = new JsonObject
        {
            ["keys"] = new JsonArray(fixture.Issuer.SigningKey.ToJwk(), SandboxSigningKey.Create(SandboxSigningKey.Es256).ToJwk()),
        };
        var issuers = (JsonObject)fixture.Configuration["Authentication"]!["Issuers"]!;
        issuers["file"] = new JsonObject
        {
            ["Issuer"] = "https://a.example",
            ["JwksPath"] = fixture.Write("jwks.json", keys.ToJsonString()),
            ["Audiences"] = new JsonArray("a"),
        };
        issuers["address"] = new JsonObject
        {
            ["Issuer"] = "https://b.example",
            ["JwksUri"] = fixture.Issuer.KeysAddress.ToString(),
            ["Audiences"] = new JsonArray("b"),
            ["RequireHttpsMetadata"] = false,
        };
        var report = await fixture.RunDoctorAsync();
        Assert.True(!report.Problems.Any(), report.Output);
        Assert.Contains("ok     issuer 'file': 2 usable keys of https://a.example from the file ", report.Output, StringComparison.Ordinal);
        Assert.Contains(
            "ok     issuer 'address': 1 usable key of https://b.example from http://127.0.0.1",
            report.Output,
            StringComparison.Ordinal);
    }
}
