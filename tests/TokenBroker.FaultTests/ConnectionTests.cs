using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace TokenBroker.FaultTests;

/// <summary>The ways into Redis.</summary>
public sealed class ConnectionTests
{
    [Theory]
    [InlineData("correct", true)]
    [InlineData("wrong", false)]
    public async Task A_password_is_needed_and_a_wrong_one_costs_callers_nothing(string password, bool helps)
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "correct");
        await using var replicas = await Replicas.StartAsync(1, $"{redis.Address},password={password}");
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0)).Status);
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(0) == helps, "the broker said how it stands with Redis");
        Assert.DoesNotContain(password + "\"", replicas.Processes[0].Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_changes_in_its_file_is_used_without_a_restart()
    {
        await using var redis = await RedisServer.StartAsync("--requirepass", "second");
        using var files = new TemporaryFolder();
        var path = files.Write("redis", $"{redis.Address},password=first\n");
        await using var replicas = await Replicas.StartAsync(1, redis.Address, configure: (configuration, _) =>
            configuration["ConnectionStrings"] = new JsonObject { ["RedisPath"] = path });
        Assert.False(await replicas.HasRedisAsync(0));
        files.Write("redis", $"{redis.Address},password=second\n");
        await Eventually.IsTrueAsync(() => replicas.HasRedisAsync(0), "the broker used Redis");
    }

    [Fact]
    public async Task Database_and_prefix_keep_brokers_apart()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(
            1,
            redis.Address + ",defaultDatabase=3",
            configure: (configuration, _) => configuration["TokenCache"]!["RedisKeyPrefix"] = "team-a:");
        await replicas.AskAsync(0);
        await Eventually.IsTrueAsync(async () => (await redis.TokenKeysAsync(3)).Count > 0, "the token was in Redis");
        Assert.All((await redis.DumpAsync(3)).Keys, key => Assert.StartsWith("team-a:", key, StringComparison.Ordinal));
        Assert.Empty(await redis.DumpAsync());
    }

    [Theory]
    [InlineData("redis://127.0.0.1:PORT/3")]
    [InlineData("redis://[::1]:PORT/3")]
    [InlineData("[::1]:PORT,defaultDatabase=3")]
    public async Task A_URL_and_an_IPv6_address_lead_to_Redis(string address)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replicas = await Replicas.StartAsync(
            1,
            address.Replace("PORT", redis.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await replicas.AskAsync(0);
        await Eventually.IsTrueAsync(async () => (await redis.TokenKeysAsync(3)).Count > 0, "the token was in Redis");
        Assert.Empty(await redis.DumpAsync());
    }

    [Fact]
    public async Task A_password_may_hold_anything_in_a_URL()
    {
        const string Password = "a,b=c:d@e/f%g#h\"i";
        await using var redis = await RedisServer.StartAsync("--requirepass", Password);
        await using var replicas = await Replicas.StartAsync(1, $"redis://:{Uri.EscapeDataString(Password)}@{redis.Address}");
        await Eventually.IsTrueAsync(() => replicas.HasRedisAsync(0), "the broker used Redis");
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task TLS_takes_a_private_authority_and_no_other(bool isTrusted, bool isUrl)
    {
        using var files = new TemporaryFolder();
        var (authority, certificate, key) = MakeCertificates();
        await using var redis = await RedisServer.StartAsync(
            "--tls-port", "PORT", "--tls-auth-clients", "no",
            "--tls-cert-file",
            files.Write("redis.crt", certificate),
            "--tls-key-file",
            files.Write("redis.key", key),
            "--tls-ca-cert-file",
            files.Write("ca.crt", authority));
        var trusted = isTrusted ? authority : MakeCertificates().Authority;
        await using var replicas = await Replicas.StartAsync(
            1,
            isUrl ? $"rediss://localhost:{redis.Port}" : redis.Address + ",ssl=true,sslHost=localhost",
            configure: (configuration, _) =>
                configuration["TokenCache"]!["RedisCaCertificatePath"] = files.Write("trusted.crt", trusted));
        Assert.Equal(HttpStatusCode.Created, (await replicas.AskAsync(0)).Status);
        await Eventually.IsTrueAsync(async () => await replicas.HasRedisAsync(0) == isTrusted, "the broker said how it stands with Redis");
    }

    private static (string Authority, string Certificate, string Key) MakeCertificates()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, now.AddDays(-1), now.AddDays(29), RandomNumberGenerator.GetBytes(8));
        return (authority.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
