using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Tests.Commands;

public sealed class CheckCommandTests
{
    private const string Faulty = """
        {
          "GitHub": { "ApiUrl": "http://github.example", "App": { "ClientId": "x", "PrivateKeyPath": "/missing/app.pem" },
            "MaxConcurrentRequests": "many", "Unknown": 1 },
          "Authentication": { "Issuers": { "a": { "Authority": "http://issuer.example" },
            "google": { "Authority": "https://accounts.google.com", "Audiences": [ "b" ], "BackchannelTokenPath": "/missing/token" } } },
          "Authorization": { "Policies": {
            "p": { "Issuer": "nobody", "Scopes": [ "users/x" ], "Operations": [ "jitconfig", "everything" ], "Typo": 1 },
            "open": { "Issuer": "google", "Claims": [ { "Claim": "sub", "Matches": [ "*" ] } ], "Scopes": [ "orgs/a" ],
              "Operations": [ "remove-token" ] } } },
          "TokenCache": { "MinimumRemainingLifetime": "00:00:10", "EncryptionKeys": [ "c2hvcnQ=" ], "Generation": 0 },
          "ConnectionStrings": { "Redis": "redis:6379,password=hunter2,unknown=1", "Reddis": "hunter2" },
          "ForwardedHeaders": { "KnownProxies": [ "proxy" ], "KnownNetworks": [ "10.0.0.0/40" ] },
          "RateLimit": { "RequestsPerMinute": -1, "Burst": 0 },
          "MetricsPage": { "Port": "many", "Address": "localhost", "Path": "/metrics" },
          "Shutdown": { "Delay": "soon" },
        }
        """;

    [Theory]
    [InlineData(Faulty)]
    [InlineData("{}")]
    [InlineData("{ \"GitHub\": ")]
    [InlineData("{ \"OTEL_EXPORTER_OTLP_ENDPOINT\": \"nowhere\" }")]
    public async Task Its_faults_are_those_of_the_start(string configuration)
    {
        using var files = new TemporaryFolder();
        var path = files.Write("broker.json", configuration);
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", path));
        Assert.Equal(1, await broker.ExitCodeAsync());
        var expected = broker.Output.Split('\n')
            .Where(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Select(line => line.Trim())
            .ToList();
        Assert.NotEmpty(expected);

        var (code, output, errors) = await CommandLineTests.RunAsync("check", "--config", path);
        Assert.Equal(1, code);
        Assert.Equal(expected.Order(StringComparer.Ordinal), LinesOf(output, "fault").Order(StringComparer.Ordinal));
        Assert.Contains($"{expected.Count} fault", output, StringComparison.Ordinal);
        Assert.Empty(errors);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_warnings_are_those_of_the_start()
    {
        await using var broker = await TestBroker.StartAsync(
            (configuration, host) =>
            {
                configuration["Authentication"]!["Issuers"]!["plain"] = JsonNode.Parse("""
                    { "JwksUri": "http://keys.example/jwks", "Issuer": "plain", "Audiences": [ "a" ], "RequireHttpsMetadata": false }
                    """);
                configuration["Authorization"]!["Policies"]!["wide"] = JsonNode.Parse("""
                    { "Issuer": "sandbox", "Claims": [ { "Claim": "sub", "Matches": [ "x" ] } ],
                      "Scopes": [ "repos/*/*", "orgs/octo-org" ], "Operations": [ "read" ] }
                    """);
                configuration["Authorization"]!["Policies"]!["pods"] = JsonNode.Parse("""
                    { "Issuer": "sandbox", "Claims": [ { "Claim": "sub", "Matches": [ "pod" ] } ], "Scopes": [ "orgs/octo-two" ],
                      "Operations": [ "delete" ], "Runners": { "Names": [ "pod-{/pod}", "{/pod}-*" ] } }
                    """);
                configuration["GitHub"]!.AsObject().Remove("EnterpriseTokenPath");
                configuration["GitHub"]!["ApiUrl"] = "http://github.invalid";
                configuration["GitHub"]!["RequireHttps"] = false;
                configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = "redis.invalid:6379,password=hunter2" };
                configuration["TokenCache"] = new JsonObject
                {
                    ["EncryptionKeys"] = new JsonArray(NewKey(), Convert.ToBase64String(Enumerable.Repeat((byte)7, 32).ToArray())),
                };
                configuration["ForwardedHeaders"] = new JsonObject
                {
                    ["KnownNetworks"] = new JsonArray("10.0.0.0/15", "10.8.0.0/16", "2001:db8::/47", "2001:db8::/48"),
                };
                configuration["Authorisation"] = JsonNode.Parse("""{ "Policies": {} , "x": 1 }""");
            },
            waitUntilReady: false);
        var logged = broker.Logs.Lines
            .Where(line => line.Level == LogLevel.Warning && line.Category.EndsWith("Warnings", StringComparison.Ordinal))
            .Select(line => line.Message + ".");

        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", broker.ConfigurationPath);
        Assert.Equal(0, code);
        Assert.Empty(LinesOf(output, "fault"));
        var warnings = LinesOf(output, "warning");
        Assert.Equal(logged.Order(StringComparer.Ordinal), warnings.Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "Authentication:Issuers:plain: no policy names it",
                "Authentication:Issuers:plain:JwksUri: its keys are fetched over plain HTTP",
                "Authorisation: unknown section",
                "Authorization:Policies:pods:Runners:Names: '{/pod}-*' may also match a runner of another caller",
                "Authorization:Policies:sandbox-machines:Runners: does not limit",
                "Authorization:Policies:sandbox-machines:Runners:Names: matches every name",
                "Authorization:Policies:sandbox-machines:Scopes: 'enterprises/octo-ent' is answered 404",
                "Authorization:Policies:wide:Scopes: 'repos/*/*' covers every account",
                "ConnectionStrings:Redis: is on another machine and without TLS", "ForwardedHeaders:KnownNetworks:0: is wider than /16",
                "ForwardedHeaders:KnownNetworks:2: is wider than /48",
                "GitHub:ApiUrl: does not end in /api/v3", "GitHub:ApiUrl: is plain http",
                "RateLimit:RequestsPerMinute: 0 switches every limit off", "TokenCache:EncryptionKeys:1: is one byte repeated",
            ],
            warnings.Order(StringComparer.Ordinal),
            (expected, actual) => actual.StartsWith(expected, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis.example:6379", true)]
    [InlineData("redis.example:6379,ssl=true", false)]
    [InlineData("rediss://redis.example", false)]
    [InlineData("redis://redis.example", true)]
    [InlineData("10.0.0.7:6379", true)]
    [InlineData("127.0.0.1:6379", false)]
    [InlineData("localhost:6379", false)]
    [InlineData("redis://[::1]:6379", false)]
    [InlineData("localhost:26379,redis.example:26379,serviceName=m", true)]
    public async Task A_Redis_elsewhere_is_reached_by_TLS(string address, bool isWarned)
    {
        using var files = new TemporaryFolder();
        var path = files.Write("redis", address);
        foreach (var (key, value) in new[] { ("Redis", address), ("RedisPath", path) })
        {
            var (_, output, _) = await CommandLineTests.RunAsync(
                "check",
                "--config",
                files.Write("broker.json", new JsonObject { ["ConnectionStrings"] = new JsonObject { [key] = value } }.ToJsonString()));
            Assert.Equal(isWarned ? 1 : 0, LinesOf(output, "warning")
                .Count(line => line.StartsWith($"ConnectionStrings:{key}: is on another machine", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("00", true)]
    [InlineData("ff", true)]
    [InlineData("", false)]
    public async Task A_key_of_one_repeated_byte_is_reported(string repeated, bool isWarned)
    {
        using var files = new TemporaryFolder();
        var key = repeated.Length == 0
            ? NewKey()
            : Convert.ToBase64String(Enumerable.Repeat(Convert.FromHexString(repeated)[0], 32).ToArray());
        var path = files.Write("keys", NewKey() + "\n" + key);
        var (_, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write(
            "broker.json",
            new JsonObject { ["TokenCache"] = new JsonObject { ["EncryptionKeysPath"] = path } }.ToJsonString()));
        Assert.Equal(isWarned ? [
            "TokenCache:EncryptionKeysPath: is one byte repeated, which anyone would "
                + "try first; `openssl rand -base64 32` makes a key.",
        ] : [], LinesOf(output, "warning").Where(line => line.StartsWith("TokenCache:", StringComparison.Ordinal)));
        Assert.DoesNotContain(key, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sound_configuration_is_reported_without_a_request()
    {
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
        {
            var policy = configuration["Authorization"]!["Policies"]!["sandbox-machines"]!.AsObject();
            policy["Operations"] = new JsonArray("registration-token");
            policy.Remove("Runners");
            configuration["ConnectionStrings"] = new JsonObject { ["Redis"] = "127.0.0.1:1" };
            configuration["TokenCache"] = new JsonObject { ["EncryptionKeys"] = new JsonArray(NewKey()) };
            configuration.Remove("RateLimit");
        });
        await broker.GitHub.DisposeAsync();
        await broker.Issuer.StopAsync();
        Assert.Equal(
            (0, "0 faults, 0 warnings." + Environment.NewLine, ""),
            await CommandLineTests.RunAsync("check", "--config", broker.ConfigurationPath));
    }

    [Theory]
    [InlineData(
        """ "GitHub": { "ApiUrl": "https://ghe.example" } """,
        "warning",
        "GitHub:ApiUrl: does not end in /api/v3, the path of a GitHub Enterprise Server's API; other paths reach its web pages.")]
    [InlineData(""" "GitHub": { "ApiUrl": "https://ghe.example/api" } """, "warning", "GitHub:ApiUrl: does not end in /api/v3")]
    [InlineData(
        """ "GitHub": { "ApiUrl": "https://github.com" } """,
        "warning",
        "GitHub:ApiUrl: is the address of GitHub's web pages; its API is at https://api.github.com.")]
    [InlineData(
        """ "GitHub": { "ApiUrl": "https://github.com/api/v3" } """,
        "warning",
        "GitHub:ApiUrl: is the address of GitHub's web pages; its API is at https://api.github.com.")]
    [InlineData(
        """ "GitHub": { "ApiUrl": "https://api.github.com/api/v3" } """,
        "warning",
        "GitHub:ApiUrl: has a path, under which GitHub answers 404; its API is at https://api.github.com.")]
    [InlineData(
        """ "GitHub": { "ApiUrl": "https://api.octo.ghe.com/graphql" } """,
        "warning",
        "GitHub:ApiUrl: has a path, under which GitHub answers 404; its API is at https://api.octo.ghe.com.")]
    [InlineData(
        """ "GitHub": { "ApiUrl": "https://octo.ghe.com" } """,
        "warning",
        "GitHub:ApiUrl: is the address of GitHub's web pages; its API is at https://api.octo.ghe.com.")]
    [InlineData(""" "GitHub": { "ApiUrl": "https://ghe.example/api/v3" } """, "warning", null)]
    [InlineData(""" "GitHub": { "ApiUrl": "https://ghe.example/api/v3/" } """, "warning", null)]
    [InlineData(""" "GitHub": { "ApiUrl": "https://api.github.com" } """, "warning", null)]
    [InlineData(""" "GitHub": { "ApiUrl": "https://api.github.com/" } """, "warning", null)]
    [InlineData(""" "GitHub": { "ApiUrl": "https://api.octo.ghe.com" } """, "warning", null)]
    [InlineData(""" "GitHub": { "ApiUrl": "http://127.0.0.1:8081" } """, "warning", null)]
    [InlineData(
        """ "urls": "http://token-broker:8080" """,
        "warning",
        "ASPNETCORE_URLS: 'http://token-broker:8080' names a host, which is not resolved: the broker "
            + "listens on every address. Write * for the host, or an IP address.")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "Http": { "Url": "http://broker.example:8080" } } } """,
        "warning",
        "Kestrel:Endpoints:Http:Url: 'http://broker.example:8080' names a host")]
    [InlineData(""" "urls": "http://*:8080;http://+:8081;http://[::]:8082;http://127.0.0.1:8083;h"""
        + """ttp://localhost:8084;http://unix:/run/broker.sock" """, "warning", null)]
    [InlineData(""" "urls": "http://127.0.0.1:8080/broker" """, "fault", "ASPNETCORE_URLS: 'http://127.0.0.1:8080/broker' has a path")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "Http": { "Url": "http://*:8080/broker" } } } """,
        "fault",
        "Kestrel:Endpoints:Http:Url: 'http://*:8080/broker' has a path")]
    [InlineData(""" "urls": "http://*:8080/;http://unix:/run/broker.sock" """, "fault", null)]
    [InlineData(
        """ "urls": "http://127.0.0.1:99999" """,
        "fault",
        "ASPNETCORE_URLS: 'http://127.0.0.1:99999' is not an address to listen on")]
    [InlineData(""" "Kestrel": { "Endpoints": { "a": { "Url": "" } } } """, "fault", "Kestrel:Endpoints:a:Url: is missing")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "a": { "Url": "https://*:8443", "ClientCertificateMode": "Required" } } } """,
        "fault",
        "Kestrel:Endpoints:a:ClientCertificateMode: must be one of NoCertificate, AllowCertificate, RequireCertificate, DelayCertificate.")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "a": { "Url": "http://*:8080", "ClientCertificateMode": "RequireCertificate" } } } """,
        "fault",
        "Kestrel:Endpoints:a:ClientCertificateMode: is for https, but Url is http.")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "a": { "Protocols": "Http1" } } } """,
        "fault",
        "Kestrel:Endpoints:a:Url: is missing. Write it as http://*:8080.")]
    [InlineData(
        """ "urls": "http://*:8080,*:8081" """,
        "fault",
        "ASPNETCORE_URLS: 'http://*:8080,*:8081' is not an address to listen on. Write it "
            + "as http://*:8080, and separate several with ';'.")]
    [InlineData(
        """ "urls": "http://*:8080,http://*:8081" """,
        "fault",
        "ASPNETCORE_URLS: 'http://*:8080,http://*:8081' is not an address to listen on. Write "
            + "it as http://*:8080, and separate several with ';'.")]
    [InlineData(
        """ "urls": "http://*:8080 http://*:8081" """,
        "fault",
        "ASPNETCORE_URLS: 'http://*:8080 http://*:8081' is not an address to listen on.")]
    [InlineData(
        """ "http_ports": "8080,8081" """,
        "fault",
        "ASPNETCORE_HTTP_PORTS: '8080,8081' is not an address to listen on. Write it as http://*:8080, and separate several with ';'.")]
    [InlineData(""" "urls": "http://[::1]:8080" """, "fault", null)]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "a": { "Url": "https://*:8443", "ClientCertMode": "RequireCertificate" } } } """,
        "fault",
        "Kestrel:Endpoints:a:ClientCertMode: is not a known key.")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "a": { "Url": "https://*:8443", "Sni": { "*": { "ClientCertificateMode": "2" } } } } } """,
        "fault",
        "Kestrel:Endpoints:a:Sni:*:ClientCertificateMode: must be one of")]
    [InlineData(
        """ "Kestrel": { "EndpointDefaults": { "ClientCertificateMode": "Require" } } """,
        "fault",
        "Kestrel:EndpointDefaults:ClientCertificateMode: must be one of")]
    [InlineData(
        """ "Kestrel": { "Endpoints": { "a": { "Url": "https://*:8443", "Certificate": { "Path": "/nowhere/tls.crt" } } } } """,
        "fault",
        "Kestrel:Endpoints:a:Certificate:Path: the file '/nowhere/tls.crt' is missing.")]
    [InlineData(
        """ "Kestrel": { "Certificates": { "Default": { "Path": "/nowhere/tls.crt" } } } """,
        "fault",
        "Kestrel:Certificates:Default:Path: the file '/nowhere/tls.crt' is missing.")]
    [InlineData(""" "Kestrel": { "Endpoints": { "a": { "Url": "https://*:8443","""
        + """ "ClientCertificateMode": "requirecertificate","""
        + """ "Protocols": "Http1AndHttp2", "SslProtocols": ["Tls13"] } } } """, "fault", null)]
    public async Task An_address_that_leads_elsewhere_is_reported(string settings, string kind, string? told)
    {
        using var files = new TemporaryFolder();
        var (_, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", $"{{ {settings} }}"));
        var lines = LinesOf(output, kind).Where(line => line.StartsWith("GitHub:ApiUrl: ", StringComparison.Ordinal) || line.StartsWith(
            "ASPNETCORE_",
            StringComparison.Ordinal) || line.StartsWith("Kestrel:", StringComparison.Ordinal)).ToList();
        if (told is null)
            Assert.Empty(lines);
        else
            Assert.StartsWith(told, Assert.Single(lines), StringComparison.Ordinal);
    }

    /// <summary>
    /// What is left blank in YAML is null in JSON, and .NET makes 0 and false of null: a check or a limit that nobody switched off. TLS
    /// that is written
    /// in the wrong place is TLS that is not there.
    /// </summary>
    [Theory]
    [InlineData(
        "Authentication:Issuers:a:RequireHttpsMetadata",
        """{ "Authentication": { "Issuers": { "a": { "RequireHttpsMetadata": null } } } }""",
        "is empty: leave it out, or give it a value.")]
    [InlineData(
        "Authentication:Issuers:a:MaximumTokenAge",
        """{ "Authentication": { "Issuers": { "a": { "MaximumTokenAge": null } } } }""",
        "is empty: leave it out, or give it a value.")]
    [InlineData("GitHub:RequireHttps", """{ "GitHub": { "RequireHttps": null } }""", "is empty: leave it out, or give it a value.")]
    [InlineData(
        "GitHub:CaCertificatePath",
        """{ "GitHub": { "CaCertificatePath": null } }""",
        "is empty: leave it out, or give it a value.")]
    [InlineData(
        "RateLimit:RequestsPerMinute",
        """{ "RateLimit": { "RequestsPerMinute": null } }""",
        "is empty: leave it out, or give it a value.")]
    [InlineData("Swagger:Enabled", """{ "Swagger": { "Enabled": null } }""", "is empty: leave it out, or give it a value.")]
    [InlineData("Shutdown:Delay", """{ "Shutdown": { "Delay": null } }""", "is empty: leave it out, or give it a value.")]
    [InlineData(
        "ConnectionStrings:Redis",
        """{ "ConnectionStrings": { "Redis": null } }""",
        "is empty: leave it out, or give it a value.")]
    [InlineData("Kestrel:Endpoint", """{ "Kestrel": { "Endpoint": { "Https": { "Url": "https://*:8443" } } } }""", "is not a known key.")]
    [InlineData(
        "Kestrel:ClientCertificateMode",
        """{ "Kestrel": { "ClientCertificateMode": "RequireCertificate" } }""",
        "is not a known key.")]
    [InlineData("Kestrel:Limits", """{ "Kestrel": { "Limits": { "MaxConcurrentConnections": 10 } } }""", "is not a known key.")]
    public async Task Empty_keys_and_keys_that_Kestrel_ignores_are_faults(string key, string configuration, string fault)
    {
        using var files = new TemporaryFolder();
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", configuration));
        Assert.Equal(1, code);
        Assert.Contains($"fault    {key}: {fault}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_top_level_name_is_reported()
    {
        using var files = new TemporaryFolder();
        var (_, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", """
            {
              "$schema": "x", "AllowedHosts": "*", "urls": "http://*:8080", "OTEL_SDK_DISABLED": "true",
              "Logging:LogLevel:Default": "Information", "Logging": {}, "Kestrel": {},
              "SwaggerEnabled": false, "RateLimits": { "Burst": 1 }, "RequestsPerMinute": 1
            }
            """));
        Assert.Equal(
            ["RateLimits", "RequestsPerMinute", "SwaggerEnabled"],
            LinesOf(output, "warning").Where(
                line => line.EndsWith(": unknown section; check its spelling.", StringComparison.Ordinal))
                .Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)])
                .Order(StringComparer.Ordinal));
    }

    /// <summary>To .NET a number is so many days, and 24:00:00 is 24 of them.</summary>
    [Theory]
    [InlineData("300")]
    [InlineData("15")]
    [InlineData("24:00:00")]
    [InlineData("1.24:00:00")]
    [InlineData("00:60:00")]
    [InlineData("15:00")]
    [InlineData("1.15:00")]
    public async Task A_limit_in_time_is_never_read_as_days(string time)
    {
        using var files = new TemporaryFolder();
        var configuration = $$"""
            {
              "Authentication": { "Issuers": { "a": { "MaximumTokenAge": "{{time}}" } } },
              "Authorization": { "Policies": { "p": { "MaximumClaimAge": { "Claim": "/t", "Age": "{{time}}" },
                "Grants": { "Count": 1, "Within": "{{time}}" } } } }
            }
            """;
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", configuration));
        Assert.Equal(1, code);
        foreach (var key in new[]
        {
            "Authentication:Issuers:a:MaximumTokenAge",
            "Authorization:Policies:p:MaximumClaimAge:Age",
            "Authorization:Policies:p:Grants:Within",
        })
            Assert.Contains($"{key}: must be a time as hh:mm:ss, with a day as 1.00:00:00.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ghp_0123456789abcdefghij")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\\nMIIE")]
    [InlineData("\\\"-----BEGIN RSA PRIVATE KEY-----\\\\nMIIE")]
    [InlineData("LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQ")]
    [InlineData("MIIEowIBAAKCAQEA0123456789/abcdefghijklmnopqrstuv")]
    [InlineData("redis:6379,password=hunter2hunter2")]
    [InlineData("/DAfsj0123456789abcdefghijklmnopqrstuvwxyz0=")]
    [InlineData("0123456789abcdef0123456789abcdef01234567")]
    public async Task A_secret_in_place_of_its_path_is_not_shown(string secret)
    {
        using var files = new TemporaryFolder();
        var (_, output, _) = await CommandLineTests.RunAsync(
            "check",
            "--config",
            files.Write(
                "broker.json",
                $$"""{ "GitHub": { "EnterpriseTokenPath": "{{secret}}", "App": { "ClientId": "a", "PrivateKeyPath": "{{secret}}" } } }"""));
        Assert.Contains("GitHub:EnterpriseTokenPath: looks like a secret itself.", output, StringComparison.Ordinal);
        Assert.Contains("GitHub:App:PrivateKeyPath: looks like a secret itself.", output, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^8..], output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_in_place_of_its_path_is_not_shown()
    {
        await using var broker = BrokerProcess.Start(("TOKENBROKER_CONFIG", """{ "GitHub": { "EnterpriseToken": "hunter2" } }"""));
        Assert.Equal(1, await broker.ExitCodeAsync());
        Assert.Contains(
            "  TOKENBROKER_CONFIG: is not a path. It must name the configuration file, not hold its content.",
            broker.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", broker.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\\"ghp_0123456789\\\"")]
    [InlineData("TOKEN=ghp_0123456789")]
    public async Task A_token_with_more_around_it_is_a_fault(string token)
    {
        using var files = new TemporaryFolder();
        var (_, output, _) = await CommandLineTests.RunAsync(
            "check",
            "--config",
            files.Write("broker.json", $$"""{ "GitHub": { "EnterpriseToken": "{{token}}", "App": """
                + $$"""{ "ClientId": "\"Iv23\"", "PrivateKeyPath": "/nowhere/app.pem" } } }"""));
        Assert.Contains("fault    GitHub:EnterpriseToken: must contain only the token", output, StringComparison.Ordinal);
        Assert.Contains("fault    GitHub:App:ClientId: must be the App's client ID", output, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789", output, StringComparison.Ordinal);
    }

    /// <summary>The library ends the process for the first of them, and ignores the others.</summary>
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "Authorization: Bearer hunter2", "must be NAME=value")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=b,c", "must be NAME=value")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http", "must be grpc or http/protobuf.")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "15s", "must be a number of milliseconds.")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "-1", "must be a number of milliseconds.")]
    [InlineData("OTEL_TRACES_SAMPLER", "foo", "must be one of always_on, ")]
    public async Task What_telemetry_cannot_use_is_a_fault(string key, string value, string fault)
    {
        using var files = new TemporaryFolder();
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write(
            "broker.json",
            new JsonObject { [key] = value, ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4317" }.ToJsonString()));
        Assert.Equal(1, code);
        Assert.Contains($"fault    {key}: {fault}", output, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_level_of_the_log_that_does_not_exist_is_a_fault()
    {
        using var files = new TemporaryFolder();
        var (code, output, _) = await CommandLineTests.RunAsync(
            "check",
            "--config",
            files.Write("broker.json", """{ "Logging": { "LogLevel": { "Default": "Foo" } } }"""));
        Assert.Equal(1, code);
        Assert.Contains("fault    Logging: ", output, StringComparison.Ordinal);
        Assert.Contains("'Foo'", output, StringComparison.Ordinal);
    }

    /// <summary>The metrics' page never stands beside the API.</summary>
    [Theory]
    [InlineData(""" "MetricsPage": { "Port": 5000 } """, "the API listens on 5000")]
    [InlineData(
        """ "MetricsPage": { "Port": 9000, "Address": "127.0.0.2" }, "urls": "http://127.0.0.1:8080;https://*:9000" """,
        "the API listens on 9000")]
    [InlineData(""" "MetricsPage": { "Port": 9000 }, "http_ports": "8080;9000" """, "the API listens on 9000")]
    [InlineData(""" "MetricsPage": { "Port": 9000 }, "Kestrel": { "Endpoints": { "a": """
        + """{ "Url": "http://*:8080" }, "b": { "Url": "https://*:9000" } } } """, "the API listens on 9000")]
    [InlineData(""" "MetricsPage": { "Port": 0 } """, "must be from 1 to 65535")]
    [InlineData(""" "MetricsPage": { "Port": -1 } """, "must be from 1 to 65535")]
    [InlineData(
        """ "MetricsPage": { "Port": 9000 }, "Kestrel": { "Endpoints": { "a": { "Url": "http://*:8080" } } }, "urls": "http://*:9000" """,
        null)]
    public async Task The_metrics_page_has_its_own_port(string settings, string? fault)
    {
        using var files = new TemporaryFolder();
        var (_, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", $"{{ {settings} }}"));
        Assert.Equal(
            fault is null ? 0 : 1,
            LinesOf(output, "fault").Count(line => line.StartsWith("MetricsPage:Port: " + fault, StringComparison.Ordinal)));
        Assert.DoesNotContain(LinesOf(output, "fault"), line => fault is null && line.StartsWith("MetricsPage:", StringComparison.Ordinal));
    }

    /// <summary>Nor is anything sent, or shown, of a broker that is only looked at.</summary>
    [Fact]
    public async Task It_neither_sends_telemetry_nor_shows_any()
    {
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        await using var broker = await TestBroker.StartAsync((configuration, _) =>
            configuration["MetricsPage"] = new JsonObject { ["Port"] = FreePort.Next(), ["Address"] = "127.0.0.1" });
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(broker.ConfigurationPath))!;
        configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{receiver.LocalEndpoint}";

        // The port is taken, by the broker that runs.
        var (code, output, _) = await CommandLineTests.RunAsync(
            "check",
            "--config",
            broker.WriteFile("checked.json", configuration.ToJsonString()));
        Assert.Equal(0, code);
        Assert.Empty(LinesOf(output, "fault"));
        Assert.False(receiver.Pending(), "Somebody wanted to send what was measured.");
    }

    [Fact]
    public async Task A_missing_file_is_a_fault()
    {
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", "no-such-file.json");
        Assert.Equal(1, code);
        Assert.Equal(["TOKENBROKER_CONFIG: the file 'no-such-file.json' is missing."], LinesOf(output, "fault"));
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static List<string> LinesOf(string output, string kind) =>
        [.. output.ReplaceLineEndings("\n")
            .Split('\n')
            .Where(line => line.StartsWith(kind + " ", StringComparison.Ordinal))
            .Select(line => line[kind.Length..].Trim())];
}
