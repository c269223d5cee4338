using System.Net;
using System.Text.Json.Nodes;
using TokenBroker.Sandbox.Issuer;

namespace TokenBroker.Tests.Commands;

public sealed class ExplainCommandTests
{
    private static readonly SandboxSigningKey Key = SandboxSigningKey.Create();

    [Fact]
    public async Task What_is_allowed_is_reported_with_its_policy_and_without_GitHub()
    {
        await using var issuer = await IssuerAsync();
        var (code, output, errors) = await ExplainAsync(issuer, issuer.Sign(), "--scope", "orgs/Octo-Org");
        Assert.Equal(0, code);
        Assert.StartsWith("ALLOWED: registration-token on orgs/octo-org, by policy machines.", output, StringComparison.Ordinal);
        Assert.Contains("The JWT is valid: caller 'vm-1' of issuer 'here', until 20", output, StringComparison.Ordinal);
        Assert.Contains("policy machines: allows it", output, StringComparison.Ordinal);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task What_is_denied_is_reported_with_every_obstacle()
    {
        await using var issuer = await IssuerAsync();
        var began = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(3);
        var jwt = issuer.Sign(new
        {
            sub = "gpu-1",
            pool = new[] { "a", "b" },
            machine = new { zone = "eu-1", began = began.ToUnixTimeSeconds(), labels = new { } },
            repository = "octo-org/hello",
        });
        var (code, output, _) = await ExplainAsync(issuer, jwt, "--scope", "repos/octo-org/other", "--operation", "delete");
        Assert.Equal(1, code);
        Assert.StartsWith(
            "DENIED: delete on repos/octo-org/other. The broker answers 403 policy-denied.",
            output,
            StringComparison.Ordinal);
        foreach (var line in new[]
        {
            "policy machines: does not allow it",
            "  claim sub is \"gpu-1\"; expected: \"vm-*\" or \"build-1\"",
            "  scope repos/octo-org/other is not one of: orgs/octo-org",
            "  operation delete is not one of: registration-token, jitconfig",
            "policy strict: does not allow it",
            "  claim pool is [\"a\",\"b\"]; expected: \"c\"",
            "  claim /machine/labels is an object, which matches nothing; expected: \"*\"",
            "  claim /machine/image is missing; expected: \"x\"",
            "  claim /machine/zone is \"eu-1\"; denied: \"eu-*\"",
            "UTC (3 hours ago); expected: at most 00:15:00 ago",
            "  scope repos/octo-org/other is not one of: repos/{/repository} (here repos/octo-org/hello), "
                + "repos/octo-org/{/branch} (here nothing: the claim is missing, or is not a valid name)",
        })
        {
            Assert.Contains(line, output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("policy elsewhere", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vm-1", "runner names: vm-vm-1")]
    [InlineData("vm-ä", "runner names: none: a claim in vm-{/sub} is missing, or is not a valid name")]
    public async Task A_JIT_configuration_is_reported_with_its_bounds(string subject, string names)
    {
        await using var issuer = await IssuerAsync();
        var (code, output, _) = await ExplainAsync(
            issuer,
            issuer.Sign(new { sub = subject }),
            "--scope",
            "orgs/octo-org",
            "--operation",
            "jitconfig");
        Assert.Equal(0, code);
        foreach (var line in new[]
        {
            names,
            "labels to choose from: gpu, size-*",
            "labels that every runner has: self-hosted",
            "runner groups: 1",
            "work folders: _work",
        })
            Assert.Contains("  " + line + Environment.NewLine, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{ "exp": 1700000000, "nbf": 1600000000, "iat": 1600000000 }""",
        "401 unauthenticated. The JWT was refused: expired.",
        "It expired at 2023-11-14 22:13:20 UTC (")]
    [InlineData("""{ "iat": 1700000000, "nbf": 1700000000 }""", "refused: expired.", "MaximumTokenAge of issuer 'here' is 1.00:00:00.")]
    [InlineData(
        """{ "aud": [ "a", "b" ] }""",
        "refused: wrong audience.",
        "aud is 'a', 'b'; issuer 'here' accepts 'token-broker', 'also'.")]
    [InlineData("""{ "aud": null }""", "refused: wrong audience.", "aud is missing; issuer 'here' accepts 'token-broker', 'also'.")]
    [InlineData(
        """{ "iss": "https://stranger.example" }""",
        "refused: unknown issuer.",
        "iss is 'https://stranger.example', which is not a configured issuer.")]
    [InlineData("""{ "nbf": 4000000000 }""", "refused: not valid.", "nbf is 2096-10-02 07:06:40 UTC (in ")]
    [InlineData("""{ "exp": null }""", "refused: not valid.", "The JWT has no exp.")]
    public async Task A_refused_JWT_is_reported_with_its_claims_and_a_remedy(string claims, string refusal, string reason)
    {
        await using var issuer = await IssuerAsync();
        await AssertRefusedAsync(issuer, issuer.Sign(JsonNode.Parse(claims)!.AsObject()), refusal, reason);
    }

    [Fact]
    public async Task A_bad_signature_is_reported_with_the_missing_key()
    {
        await using var issuer = await IssuerAsync();
        await AssertRefusedAsync(
            issuer,
            issuer.Sign(key: SandboxSigningKey.Create()),
            "refused: bad signature.",
            $"which is not a key of issuer 'here'; its keys are '{Key.KeyId}'.");
        var signed = issuer.Sign();
        issuer.RotateKeys(reuseKeyId: true);
        await AssertRefusedAsync(
            issuer,
            signed,
            "refused: bad signature.",
            $"No key of issuer 'here' made its signature (kid '{Key.KeyId}')");
        await AssertRefusedAsync(
            issuer,
            issuer.WithoutSignature(),
            "refused: bad signature.",
            "alg is 'none'; accepted: ES256, ES384");
        await AssertRefusedAsync(issuer, issuer.Sign(header: new { crit = new[] { "x" } }), "refused: not valid.", "'crit' or 'b64'");
    }

    [Fact]
    public async Task Keys_that_cannot_be_fetched_are_reported_with_the_reason()
    {
        await using var issuer = await IssuerAsync();
        issuer.Fail(SandboxIssuerFault.ServerError);
        await AssertRefusedAsync(issuer, issuer.Sign(), "503 issuer-unavailable", "cannot be read from http://127.0.0.1:");
        issuer.Fail(SandboxIssuerFault.Hang);
        await AssertRefusedAsync(issuer, issuer.Sign(), "503 issuer-unavailable", "The keys of issuer 'here' cannot be read");
    }

    [Fact]
    public async Task What_is_assumed_is_reported_first()
    {
        await using var issuer = await IssuerAsync();
        await issuer.StopAsync();
        foreach (var jwt in new[]
        {
            issuer.Sign(new { exp = 1 }),
            issuer.Sign(new { exp = (int?)null, aud = "x" }),
            issuer.Sign(key: SandboxSigningKey.Create()),
            issuer.WithoutSignature(),
        })
        {
            var (code, output, _) = await ExplainAsync(issuer, jwt, "--unverified", "--scope", "orgs/octo-org");
            Assert.Equal(0, code);
            Assert.StartsWith("NOTHING WAS VERIFIED", output, StringComparison.Ordinal);
            Assert.Contains("ALLOWED: registration-token", output, StringComparison.Ordinal);
            Assert.DoesNotContain("The JWT is valid", output, StringComparison.Ordinal);
        }

        var (denied, lines, _) = await ExplainAsync(issuer, issuer.Sign(new { sub = "x" }), "--unverified", "--scope", "orgs/octo-org");
        Assert.Equal(1, denied);
        Assert.StartsWith("NOTHING WAS VERIFIED", lines, StringComparison.Ordinal);
        var (unknown, refusal, _) = await ExplainAsync(issuer, issuer.Sign(new { iss = "x" }), "--unverified", "--scope", "orgs/octo-org");
        Assert.Equal(1, unknown);
        Assert.StartsWith("REFUSED: 401", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claims_do_not_write_on_the_terminal()
    {
        await using var issuer = await IssuerAsync();
        foreach (var jwt in new[]
        {
            issuer.Sign(new { sub = "\u001b[2J\u202egood" }),
            issuer.Sign(new { aud = "\u001b[2J\nALLOWED" }),
            issuer.Sign(new { iss = "x\nALLOWED" }),
        })
        {
            var (code, output, _) = await ExplainAsync(issuer, jwt, "--scope", "orgs/octo-org");
            Assert.Equal(1, code);
            Assert.DoesNotContain('\u001b', output);
            Assert.DoesNotContain('\u202e', output);
            Assert.DoesNotContain("\nALLOWED", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null, "is missing.")]
    [InlineData("", "is empty.")]
    public async Task An_unreadable_file_is_reported(string? content, string fault)
    {
        using var files = new TemporaryFolder();
        var path = content is null ? files.PathOf("none") : files.Write("jwt", content);
        var (code, _, errors) = await CommandLineTests.RunAsync(
            "explain",
            "--token-file",
            path,
            "--scope",
            "orgs/octo-org",
            "--config",
            files.Write("broker.json", "{}"));
        Assert.Equal(1, code);
        Assert.StartsWith($"--token-file: the file '{path}' {fault}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_faulty_configuration_and_a_malformed_JWT_are_reported()
    {
        await using var issuer = await IssuerAsync();
        using var files = new TemporaryFolder();
        var (code, _, errors) = await CommandLineTests.RunAsync(
            "explain", "--token-file", files.Write("jwt", "x"), "--scope", "orgs/octo-org", "--config", files.Write("broker.json", "{}"));
        Assert.Equal(1, code);
        Assert.Contains("Authentication:Issuers: at least one issuer is required", errors, StringComparison.Ordinal);
        await AssertRefusedAsync(issuer, "two\nlines", "401 unauthenticated", "It is not a JWT");
    }

    [Fact]
    public async Task It_says_what_the_broker_does()
    {
        await using var broker = await TestBroker.StartAsync((configuration, host) =>
        {
            configuration["Authentication"]!["Issuers"]!["sandbox"]!["MaximumTokenAge"] = "01:00:00";
            configuration["Authentication"]!["Issuers"]!["from-file"] = new JsonObject
            {
                ["Issuer"] = "https://file.example",
                ["JwksPath"] = host.WriteFile(
                    "jwks.json",
                    new JsonObject { ["keys"] = new JsonArray(host.Issuer.SigningKey.ToJwk()) }.ToJsonString()),
                ["Audiences"] = new JsonArray("token-broker"),
            };
            configuration["Authorization"]!["Policies"]!["of-file"] = JsonNode.Parse("""
                { "Issuer": "from-file", "Claims": [ { "Claim": "sub", "Matches": [ "vm-*" ] } ],
                  "DenyClaims": [ { "Claim": "pool", "Matches": [ "bad" ] } ],
                  "Scopes": [ "orgs/octo-org" ], "Operations": [ "registration-token" ] }
                """);
        });
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        object[] claims =
        [
            new { }, new { sub = "x" }, new { sub = (string?)null }, new { aud = "x" }, new { aud = new[] { "x", "token-broker" } },
            new { iss = "https://x.example" },
            new { iss = broker.Issuer.Issuer + "/" }, new { iss = "https://file.example" },
            new { iss = "https://file.example", pool = "bad" }, new { exp = now - 30 }, new { exp = now - 90 },
            new { exp = "soon" }, new { nbf = now + 30 }, new { nbf = now + 90 }, new { iat = now - 3630 }, new { iat = now - 3690 },
            new { iat = (int?)null }, new { exp = 99999999999 },
        ];
        foreach (var jwt in claims.Select(changes => broker.Issuer.Sign(changes))
            .Append(broker.Issuer.WithoutSignature())
            .Append(broker.Issuer.Sign(header: new { kid = broker.Issuer.SigningKey.KeyId }, key: Key)))
        {
            foreach (var scope in new[] { "orgs/octo-org", "orgs/octo-two" })
            {
                using var answer = await broker.PostAsync($"/{scope}/actions/runners/registration-token", jwt);
                var (code, output, errors) = await RunAsync(broker.ConfigurationPath, jwt, "--scope", scope);
                Assert.Empty(errors);
                var verdict = answer.StatusCode switch
                {
                    HttpStatusCode.Created => "ALLOWED",
                    HttpStatusCode.Forbidden => "DENIED",
                    _ => $"REFUSED: {(int)answer.StatusCode} unauthenticated. {await DetailAsync(answer)}",
                };
                Assert.StartsWith(verdict, output, StringComparison.Ordinal);
                Assert.Equal(answer.StatusCode == HttpStatusCode.Created ? 0 : 1, code);
                Assert.DoesNotContain(jwt, output, StringComparison.Ordinal);
                Assert.DoesNotContain(jwt.Split('.')[1], output, StringComparison.Ordinal);
            }
        }
    }

    private static async Task<string> DetailAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>();

    private static async Task AssertRefusedAsync(SandboxIssuer issuer, string jwt, string refusal, string reason)
    {
        var (code, output, errors) = await ExplainAsync(issuer, jwt, "--scope", "orgs/octo-org");
        Assert.Equal(1, code);
        Assert.Empty(errors);
        Assert.StartsWith("REFUSED: ", output, StringComparison.Ordinal);
        Assert.Contains(refusal, output, StringComparison.Ordinal);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.DoesNotContain(jwt, output, StringComparison.Ordinal);
    }

    private static Task<SandboxIssuer> IssuerAsync() => SandboxIssuer.StartAsync(new SandboxIssuerOptions { SigningKey = Key });

    // No GitHub, no Redis: what explaining needs and nothing else, and secrets that are not here.
    private static async Task<(int Code, string Output, string Errors)> ExplainAsync(
        SandboxIssuer issuer,
        string jwt,
        params string[] words)
    {
        using var files = new TemporaryFolder();
        var path = files.Write("broker.json", $$"""
            {
              "GitHub": { "App": { "ClientId": "x", "PrivateKeyPath": "/missing/app.pem" } },
              "Authentication": { "Issuers": {
                "here": { "Authority": "{{issuer.Issuer}}", "Audiences": [ "token-broker", "also" ],
                  "RequireHttpsMetadata": false, "MaximumTokenAge": "1.00:00:00" },
                "there": { "Authority": "https://there.example", "Audiences": [ "x" ] } } },
              "Authorization": { "Policies": {
                "machines": {
                  "Issuer": "here", "Claims": [ { "Claim": "sub", "Matches": [ "vm-*", "build-1" ] } ], "Scopes": [ "orgs/octo-org" ],
                  "Operations": [ "registration-token", "jitconfig" ],
                  "Runners": { "Names": [ "vm-{/sub}" ], "Labels": [ "gpu", "size-*" ], "RequiredLabels": [ "self-hosted" ] } },
                "strict": {
                  "Issuer": "here",
                  "Claims": [ { "Claim": "pool", "Matches": [ "c" ] }, { "Claim": "/machine/labels", "Matches": [ "*" ] },
                  { "Claim": "/machine/image", "Matches": [ "x" ] } ],
                  "DenyClaims": [ { "Claim": "/machine/zone", "Matches": [ "eu-*" ] } ],
                  "MaximumClaimAge": { "Claim": "/machine/began", "Age": "00:15:00" },
                  "Scopes": [ "repos/{/repository}", "repos/octo-org/{/branch}" ], "Operations": [ "read" ] },
                "elsewhere": { "Issuer": "there", "Claims": [ { "Claim": "sub", "Matches": [ "x" ] } ], "Scopes": [ "orgs/a" ],
                  "Operations": [ "read" ] } } }
            }
            """);
        return await RunAsync(path, jwt, words);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string configuration, string jwt, params string[] words)
    {
        using var files = new TemporaryFolder();
        string[] line = ["explain", "--config", configuration, "--token-file", files.Write("jwt", jwt + "\n")];
        return await CommandLineTests.RunAsync([.. line, .. words]);
    }
}
