using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Tests.Commands;

namespace TokenBroker.Tests.Authorization;

/// <summary>What must not be: in doubt it denies, says when it cannot, and is nobody's business who is denied.</summary>
public sealed class DenyClaimsTests
{
    [Theory]
    [InlineData("ref", "refs/pull/*", """{"ref":"refs/pull/7/merge"}""", true, "a star crosses a slash")]
    [InlineData("ref", "*", """{"ref":"refs/heads/main"}""", true, "also alone")]
    [InlineData("ref", "refs/tags/*", """{"ref":"refs/heads/main"}""", false, "another value")]
    [InlineData("groups", "ops/*", """{"groups":["dev","ops/night/shift"]}""", true, "one element of an array")]
    [InlineData("pod", "web", """{"pod":{"name":"web"}}""", true, "an object, which nothing can be compared with")]
    [InlineData("groups", "ops", """{"groups":["dev",["ops"]]}""", true, "an array in an array")]
    [InlineData("groups", "ops", """{"groups":["dev",{"name":"ops"}]}""", true, "an object in an array")]
    [InlineData("groups", "ops", """{"groups":["dev",null,7]}""", false, "an array of others")]
    [InlineData("count", "7", """{"count":7}""", true, "a number")]
    [InlineData("count", "7", """{"count":7.0}""", true, "the same number")]
    [InlineData("count", "7", """{"count":0.7e+1}""", true, "the same number")]
    [InlineData("count", "7", """{"count":[1,70E-1]}""", true, "the same number in an array")]
    [InlineData("count", "7.0", """{"count":7}""", true, "the same number, written otherwise in the rule")]
    [InlineData("count", "0", """{"count":-0.0e9}""", true, "nought")]
    [InlineData("count", "-7", """{"count":-7.00}""", true, "the same number below nought")]
    [InlineData("count", "1e400", """{"count":10e399}""", true, "a number that no machine has")]
    [InlineData("count", "9007199254740993", """{"count":9007199254740993.0}""", true, "a number that a double would round")]
    [InlineData("count", "9007199254740993", """{"count":9007199254740992}""", false, "its neighbor")]
    [InlineData("count", "7", """{"count":70}""", false, "another number")]
    [InlineData("count", "7", """{"count":-7}""", false, "another number")]
    [InlineData("count", "7", """{"count":7.01}""", false, "another number")]
    [InlineData("count", "7*", """{"count":70}""", true, "a number by its text")]
    [InlineData("version", "1.10", """{"version":"1.1"}""", false, "a text that looks like a number")]
    [InlineData("/deep/x", "bad", """{"deep":{"x":"bad"}}""", true, "inside an object")]
    [InlineData("/deep/x", "bad", """{"deep":[{"x":"bad"}]}""", true, "inside an object in an array")]
    [InlineData("/deep/x", "bad", """{"deep":[{"y":1},{"x":["good","bad"]}]}""", true, "inside the second")]
    [InlineData("/deep/x/y", "bad", """{"deep":[{"x":[{"y":"bad"}]}]}""", true, "inside an array in an array")]
    [InlineData("/deep/x", "7", """{"deep":[{"x":7.0}]}""", true, "the same number there")]
    [InlineData("/deep/x", "bad", """{"deep":[{"x":"good"},{"x":{"y":1}}]}""", true, "an object at the end")]
    [InlineData("/deep/x", "bad", """{"deep":[{"x":[["bad"]]}]}""", true, "an array in an array at the end")]
    [InlineData("/deep/x", "bad", """{"deep":["bad"]}""", true, "a text where an object should be")]
    [InlineData("/deep/x", "bad", """{"deep":[{"x":"good"},7]}""", true, "a number where an object should be")]
    [InlineData("/deep/x", "bad", """{"deep":[["x","bad"]]}""", true, "an array where an object should be")]
    [InlineData("/deep/x", "bad", """{"deep":"bad"}""", true, "a text where the pointer goes on")]
    [InlineData("/deep/x", "bad", """{"deep":7}""", true, "a number where the pointer goes on")]
    [InlineData("/deep/x", "bad", """{"deep":false}""", true, "a boolean where the pointer goes on")]
    [InlineData("/deep/0", "bad", """{"deep":["bad","good"]}""", true, "the place in an array that the pointer names")]
    [InlineData("/deep/0", "bad", """{"deep":["good","bad"]}""", false, "another place")]
    [InlineData("/deep/1", "bad", """{"deep":["good"]}""", false, "a place that is not there")]
    [InlineData("/deep/7", "bad", """{"deep":[{"7":"bad"}]}""", true, "a number that is a name")]
    [InlineData("/deep/x", "bad", """{"deep":[{"x":"good"},{"y":"bad"},null]}""", false, "an array of others")]
    [InlineData("/deep/x", "bad", """{"deep":{"y":"bad"}}""", false, "an object without it")]
    [InlineData("/deep/x", "bad", """{"deep":[]}""", false, "an empty array")]
    [InlineData("/deep/x", "bad", """{"deep":null}""", false, "null on the way")]
    [InlineData("groups", "*", """{"groups":[]}""", false, "nothing")]
    [InlineData("groups", "*", """{"groups":null}""", false, "null")]
    [InlineData("groups", "*", "{}", false, "a claim that is missing")]
    public void A_rule_denies(string claim, string pattern, string claims, bool isDenied, string why)
    {
        var policy = PolicySet.Compile(new PolicyListOptions
        {
            Policies =
            {
                ["p"] = new PolicyOptions { Issuer = "gce", DenyClaims = { new ClaimOptions { Claim = claim, Matches = { pattern } } } },
            },
        }).All.Single();
        Assert.True(isDenied == policy.Denies(new CallerClaims("gce", JsonElement.Parse(claims), default)), why);
    }

    /// <summary>What allows is taken as it is written: the doubt that denies there would open here.</summary>
    [Theory]
    [InlineData("count", "7", """{"count":7.0}""")]
    [InlineData("/deep/x", "good", """{"deep":[{"x":"good"}]}""")]
    [InlineData("/deep/x", "*", """{"deep":"good"}""")]
    public void An_allowing_rule_looks_into_no_array_and_compares_texts(string claim, string pattern, string claims)
    {
        var policy = PolicySet.Compile(new PolicyListOptions
        {
            Policies =
            {
                ["p"] = new PolicyOptions { Issuer = "gce", Claims = { new ClaimOptions { Claim = claim, Matches = { pattern } } } },
            },
        }).All.Single();
        Assert.False(policy.IsFor(new CallerClaims("gce", JsonElement.Parse(claims), default)));
    }

    /// <summary>A JWT has 16 kB, and any of it may be digits.</summary>
    [Fact]
    public void Numbers_of_any_length_are_compared()
    {
        var digits = new string('9', 16_000);
        Assert.Equal($"{digits}e0", NumberText.Normalize(digits));
        Assert.Equal($"1e{digits}", NumberText.Normalize($"1e+{digits}"));
        Assert.Equal($"{digits}e-16000", NumberText.Normalize($"0.{digits}"));
        foreach (var text in new[] { "", "-", "07", "+7", ".7", "7.", "7e", "7 ", "0x7", "7\n", "٧", "NaN", "true" })
            Assert.Null(NumberText.Normalize(text));
    }

    [Theory]
    [InlineData("google/compute_engine/zone", "write '/google/compute_engine/zone' for a nested claim, or "
        + "'/google~1compute_engine~1zone' for a top-level claim with this name.")]
    [InlineData("google.compute_engine.zone", "write '/google/compute_engine/zone' for a nested claim, or "
        + "'/google.compute_engine.zone' for a top-level claim with this name.")]
    [InlineData(
        "kubernetes.io/pod",
        "write '/kubernetes.io/pod' for a nested claim, or '/kubernetes.io~1pod' for a top-level claim with this name.")]
    [InlineData("/a~2b", "must be a JSON Pointer (RFC 6901) such as /a/b")]
    [InlineData("zone", null)]
    [InlineData("zone:name", null)]
    [InlineData("/google/compute_engine/zone", null)]
    [InlineData("/kubernetes.io", null)]
    [InlineData("/https:~1~1sts.amazonaws.com~1/aws_account", null)]
    public void A_name_that_looks_like_a_path_is_a_fault(string claim, string? fault)
    {
        if (fault is null)
            Assert.Null(ClaimPointer.FindFault(claim));
        else
            Assert.Contains(fault, ClaimPointer.FindFault(claim), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Such_a_name_is_a_fault_at_start_wherever_it_stands()
    {
        using var files = new TemporaryFolder();
        var (code, output, _) = await CommandLineTests.RunAsync("check", "--config", files.Write("broker.json", """
            {
              "Authentication": { "Issuers": { "a": {
                "Authority": "https://issuer.example", "Audiences": [ "b" ], "CallerId": [ "vm.id" ], "AuditClaims": [ "vm/name" ] } } },
              "Authorization": { "Policies": { "p": {
                "Issuer": "a", "Claims": [ { "Claim": "vm/pool", "Matches": [ "x" ] } ],
                "DenyClaims": [ { "Claim": "sub", "Matches": [ "x" ] }, { "Claim": "vm.zone", "Matches": [ "*" ] } ],
                "MaximumClaimAge": { "Claim": "vm.began", "Age": "00:15:00" }, "Scopes": [ "orgs/{vm.org}" ], "Operations": [ "delete" ],
                  "Runners": { "Names": [ "{vm/name}" ] } } } }
            }
            """));
        Assert.Equal(1, code);
        const string Policy = "fault    Authorization:Policies:p:";
        foreach (var line in new[]
        {
            "fault    Authentication:Issuers:a:CallerId:0: 'vm.id' may never match",
            "fault    Authentication:Issuers:a:AuditClaims:0: 'vm/name' may never match",
            Policy + "Claims:0:Claim: 'vm/pool' may never match", Policy + "DenyClaims:1:Claim: 'vm.zone' may never match",
            Policy + "MaximumClaimAge:Claim: 'vm.began' may never match",
            Policy + "Scopes:0: 'vm.org' may never match", Policy + "Runners:Names:0: 'vm/name' may never match",
        })
        {
            Assert.Contains(line, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_missing_claim_is_reported_once()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(
            Denying("""{ "Claim": "pipeline_source", "Matches": [ "merge*" ] }, { "Claim": "sub", "Matches": [ "vm-9" ] }""")));
        (await broker.PostWithAsync(broker.Issuer.Sign(new { sub = "nobody" }))).IsFailure(403, "policy-denied");
        (await broker.PostWithAsync(broker.Issuer.Sign(new { pipeline_source = "push" }))).Is(201);
        (await broker.PostWithAsync(broker.Issuer.Sign(new { sub = "vm-9" }))).IsFailure(403, "policy-denied");
        Assert.Empty(Told());
        for (var times = 0; times < 3; times++)
            (await broker.PostWithAsync(broker.Issuer.Sign())).Is(201);
        Assert.Equal(
            "Authorization:Policies:policy-0:DenyClaims: pipeline_source is missing from a JWT of issuer sandbox that "
                + "meets the policy, so the rule cannot deny it; is the claim's name spelled correctly?",
            Assert.Single(Told()).Message);

        string[] line =
        [
            "explain",
            "--config",
            broker.ConfigurationPath,
            "--token-file",
            broker.WriteFile("jwt", broker.Issuer.Sign()),
            "--scope",
            "orgs/octo-org",
        ];
        var (code, output, _) = await CommandLineTests.RunAsync(line);
        Assert.Equal(0, code);
        Assert.Contains("  claim pipeline_source is missing, so it is not denied", output, StringComparison.Ordinal);

        IEnumerable<LogRecorder.LogLine> Told() => broker.Logs.Lines
            .Where(line => line.Level == LogLevel.Warning && line.Message.Contains("DenyClaims", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_reports_what_was_denied_in_doubt()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With(Denying("""{ "Claim": "/deep/x", "Matches": [ "bad" ] }, { "Claim": "level", "Matches": [ 7 ] }""")));
        await AssertDeniedAsync(new { deep = "good" }, "claim /deep/x is inside a value that cannot be searched; denied: \"bad\"");
        await AssertDeniedAsync(
            new { deep = new object[] { new { x = "good" }, new[] { "x" } } },
            "claim /deep/x is inside a value that cannot be searched; denied: \"bad\"");
        await AssertDeniedAsync(
            new { deep = new { x = new { y = 1 } } },
            "claim /deep/x is {\"y\":1}, which cannot be compared; denied: \"bad\"");
        await AssertDeniedAsync(
            new { deep = new[] { new { x = "good" }, new { x = "bad" } } },
            "claim /deep/x is \"good\" and \"bad\" in an array; denied: \"bad\"");
        await AssertDeniedAsync(new { level = JsonElement.Parse("7.0") }, "claim level is 7.0; denied: \"7\"");

        var allowed = broker.Issuer.Sign(new { deep = new[] { new { x = "good" } }, level = 70 });
        (await broker.PostWithAsync(allowed)).Is(201);
        await AssertToldAsync(allowed, 0, "claim /deep/x is \"good\" in an array, which is not denied; denied: \"bad\"");

        async Task AssertDeniedAsync(object claims, string line)
        {
            var jwt = broker.Issuer.Sign(claims);
            (await broker.PostWithAsync(jwt)).IsFailure(403, "policy-denied");
            await AssertToldAsync(jwt, 1, line);
        }

        async Task AssertToldAsync(string jwt, int expected, string line)
        {
            var (code, output, _) = await CommandLineTests.RunAsync(
                "explain",
                "--config",
                broker.ConfigurationPath,
                "--token-file",
                broker.WriteFile("jwt", jwt),
                "--scope",
                "orgs/octo-org");
            Assert.Equal(expected, code);
            Assert.Contains("  " + line + Environment.NewLine, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_deny_rule_that_does_not_apply_is_explained()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With(Denying("""{ "Claim": "zone", "Matches": [ "^zone-1$", "zone-2" ] }""")));
        var (code, output, _) = await CommandLineTests.RunAsync(
            "explain",
            "--config",
            broker.ConfigurationPath,
            "--token-file",
            broker.WriteFile("jwt", broker.Issuer.Sign(new { zone = "zone-1" })),
            "--scope",
            "orgs/octo-org");
        Assert.Equal(0, code);
        Assert.Contains(
            "  claim zone is \"zone-1\", which is not denied; denied: \"^zone-1$\" or \"zone-2\"" + Environment.NewLine,
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_boolean_denies_with_and_without_quotes()
    {
        await using var broker = await TestBroker.StartAsync(GrantPolicies.With(Denying(
            """{ "Claim": "blocked", "Matches": [ true ] }, { "Claim": "trusted", "Matches": """
                + """[ "false" ] }, { "Claim": "level", "Matches": [ 7 ] }""")));
        (await broker.PostWithAsync(broker.Issuer.Sign(new { blocked = false, trusted = true, level = 70 }))).Is(201);
        foreach (var claims in new object[] { new { blocked = true }, new { trusted = false }, new { level = 7 } })
            (await broker.PostWithAsync(broker.Issuer.Sign(claims))).IsFailure(403, "policy-denied");
    }

    [Fact]
    public async Task A_denied_caller_does_not_learn_the_rule()
    {
        await using var broker = await TestBroker.StartAsync(
            GrantPolicies.With(Denying("""{ "Claim": "zone", "Matches": [ "secret-*" ] }""")));
        Assert.Contains("\"matches\":true", await CallerAsync(new { zone = "other" }), StringComparison.Ordinal);
        foreach (var claims in new object[] { new { zone = "secret-1" }, new { sub = "nobody", zone = "secret-1" } })
            Assert.Contains("\"policies\":[]", await CallerAsync(claims), StringComparison.Ordinal);
        Assert.Contains("\"claim\":\"sub\"", await CallerAsync(new { sub = "nobody", zone = "other" }), StringComparison.Ordinal);

        async Task<string> CallerAsync(object claims)
        {
            var answer = await broker.SendAsync(
                "GET",
                "/caller",
                change: request => request.Headers.Authorization = new("Bearer", broker.Issuer.Sign(claims)));
            return answer.Is(200).Text;
        }
    }

    private static string Denying(string rules) => new JsonObject { ["DenyClaims"] = JsonNode.Parse($"[ {rules} ]") }.ToJsonString();
}
