using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using TokenBroker.Authorization;

namespace TokenBroker.Tests.Authorization;

public sealed class PolicyWarningsTests
{
    private const string Bounded = """
        { "Issuer": "sandbox", "Claims": [ { "Claim": "sub", "Matches": [ "vm-*" ] } ], "Scopes": [ "orgs/octo-org" ],
          "Operations": [ "jitconfig" ], "Runners": { "Names": [ "vm-*" ] } }
        """;

    [Theory]
    [InlineData("sub", "vm-1", "orgs/octo-org", "registration-token", true, "one of the same callers")]
    [InlineData("sub", "*-1", "orgs/OCTO-*", "registration-token", true, "patterns that meet")]
    [InlineData("pool", "x", "orgs/*", "registration-token", true, "another claim, which the same caller may have")]
    [InlineData("sub", "prod-*", "orgs/octo-org", "registration-token", false, "other callers")]
    [InlineData("sub", "vm-*", "orgs/octo-two", "registration-token", false, "another organization")]
    [InlineData("sub", "vm-*", "repos/octo-org/*", "registration-token", false, "another form of scope")]
    [InlineData("sub", "vm-*", "orgs/octo-org", "remove-token", false, "no registration token")]
    public async Task Bounds_that_a_registration_token_goes_around_are_warned_of(
        string claim,
        string value,
        string scope,
        string operation,
        bool isWarned,
        string why)
    {
        var other = new JsonObject
        {
            ["Issuer"] = "sandbox",
            ["Claims"] = new JsonArray(new JsonObject { ["Claim"] = claim, ["Matches"] = new JsonArray(value) }),
            ["Scopes"] = new JsonArray(scope),
            ["Operations"] = new JsonArray(operation),
        };
        var warnings = await WarningsAsync(("bounded", JsonNode.Parse(Bounded)!), ("other", other));
        Assert.True((isWarned ? 1 : 0) == warnings.Count, why);
        Assert.All(warnings, warning => Assert.StartsWith("Authorization:Policies:bounded:Runners: ", warning, StringComparison.Ordinal));
        Assert.All(warnings, warning => Assert.Contains("by policy 'other'", warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("jitconfig")]
    [InlineData("labels")]
    [InlineData("delete")]
    public async Task One_policy_may_do_so_alone(string operation)
    {
        var policy = JsonNode.Parse(Bounded)!;
        policy["Operations"] = new JsonArray(operation, "registration-token");
        Assert.Single(await WarningsAsync(("both", policy)));
        policy = policy.DeepClone();
        policy["Operations"] = new JsonArray(operation, "remove-token", "read");
        Assert.Empty(await WarningsAsync(("both", policy)));
    }

    [Fact]
    public async Task Another_issuers_callers_are_others()
    {
        var other = JsonNode.Parse(Bounded)!;
        other["Issuer"] = "second";
        other["Operations"] = new JsonArray("registration-token");
        Assert.Empty(await WarningsAsync(("bounded", JsonNode.Parse(Bounded)!), ("other", other)));
    }

    [Theory]
    [InlineData("{/pod}-*", true, "the pod web deletes web-2's runner")]
    [InlineData("{/pod}*", true, "likewise")]
    [InlineData("vm-{/pod}.*-x", true, "a dot ends no claim either")]
    [InlineData("*-{/pod}", true, "the pod 2 deletes that of web-2")]
    [InlineData("{/zone}-{/pod}", true, "two claims that can be parted elsewhere")]
    [InlineData("{/pod}+*", false, "no claim has a plus")]
    [InlineData("*+{/pod}", false, "likewise")]
    [InlineData("{/zone}+{/pod}", false, "likewise")]
    [InlineData("vm-{/pod}", false, "the whole name")]
    [InlineData("{/pod}", false, "nothing else")]
    [InlineData("vm-*", false, "no claim")]
    public void A_name_that_another_callers_claim_goes_on_with_is_warned_of(string name, bool isWarned, string why)
    {
        var policies = PolicySet.Compile(new PolicyListOptions
        {
            Policies = { ["p"] = new PolicyOptions
            {
                Issuer = "a",
                Claims = { new ClaimOptions { Claim = "x", Matches = { "y" } } },
                Runners = new RunnerBoundsOptions { Names = { name } },
            } },
        });
        var warning = PolicyWarnings.Find(policies).SingleOrDefault(warning => warning.Key == "Authorization:Policies:p:Runners:Names");
        Assert.True(
            isWarned == (warning?.Text.StartsWith($"'{name}' may also match a runner of another caller", StringComparison.Ordinal) is true),
            why);
    }

    [Theory]
    [InlineData("*", null, true)]
    [InlineData("**", "*", true)]
    [InlineData("*", "y", false)]
    [InlineData("y*", null, false)]
    public void A_policy_for_everybody_is_warned_of(string one, string? other, bool isWarned)
    {
        var policy = new PolicyOptions { Issuer = "a", Claims = { new ClaimOptions { Claim = "x", Matches = { "never", one } } } };
        if (other is not null)
            policy.Claims.Add(new ClaimOptions { Claim = "z", Matches = { other } });
        var warnings = PolicyWarnings.Find(PolicySet.Compile(new PolicyListOptions { Policies = { ["p"] = policy } }));
        Assert.Equal(isWarned, warnings.Any(warning => warning.Key == "Authorization:Policies:p:Claims"));
    }

    private static async Task<IReadOnlyList<string>> WarningsAsync(params (string Name, JsonNode Policy)[] policies)
    {
        await using var broker = await TestBroker.StartAsync(
            (configuration, host) =>
            {
                configuration["Authentication"]!["Issuers"]!["second"] = new JsonObject
                {
                    ["Authority"] = host.Issuer.Address.GetLeftPart(UriPartial.Authority),
                    ["Audiences"] = new JsonArray("second"),
                    ["RequireHttpsMetadata"] = false,
                };
                configuration["Authorization"]!["Policies"] = new JsonObject(
                    policies.Select(policy => KeyValuePair.Create(policy.Name, (JsonNode?)policy.Policy)));
            },
            waitUntilReady: false);
        return [.. broker.Logs.Lines.Where(
            line => line.Level == LogLevel.Warning && line.Category.EndsWith(".ConfigurationWarnings", StringComparison.Ordinal))
            .Select(line => line.Message)
            .Where(message => message.Contains("registration token", StringComparison.Ordinal))];
    }
}
