using TokenBroker.Authorization;

namespace TokenBroker.Tests.Authorization;

/// <summary>A rule that can never match is told where nobody would notice, above all one against a stolen machine.</summary>
public sealed class OddValueWarningsTests
{
    private const string Unseen =
        "has leading or trailing white space or an invisible character, and is compared exactly; was that copied by mistake?";
    private const string Foreign = " looks like a regular expression or a template. Only * is special; every other "
        + "character stands for itself, so the rule may never deny anyone";

    [Theory]
    [InlineData("vm-1 ")]
    [InlineData("\tvm-1")]
    [InlineData("vm-1\n")]
    [InlineData("vm-1\u200b")]
    [InlineData("vm\u00ad-1")]
    public void A_value_that_reads_otherwise_than_it_is_written(string value)
    {
        Assert.Equal(["DenyClaims:0:Matches:1: " + Unseen], Find(deny: ["vm-0", value]));
        Assert.Equal(["Claims:0:Matches:0: " + Unseen], Find(claims: [value]));
        Assert.Equal(["Runners:Names:0: " + Unseen], Find(names: [value]));
        Assert.Equal(["Runners:Labels:0: " + Unseen], Find(labels: [value]));
        Assert.Equal(["Runners:RequiredLabels:0: " + Unseen], Find(required: [value]));
        Assert.Equal(["DenyClaims:0:Claim: " + Unseen], Find(claim: value, deny: ["a"]));
    }

    [Theory]
    [InlineData("^vm-1$")]
    [InlineData("vm-[0-9]")]
    [InlineData("vm-?")]
    [InlineData("vm-1|vm-2")]
    [InlineData("vm-.*")]
    [InlineData("/vm-1/")]
    [InlineData("{/sub}")]
    public void A_denial_in_another_language_of_patterns(string value)
    {
        Assert.Equal([$"DenyClaims:0:Matches:0: '{value}'{Foreign}"], Find(deny: [value]));
        Assert.Empty(Find(claims: [value]));
    }

    [Fact]
    public void A_required_label_with_a_star() =>
        Assert.Equal(
            ["Runners:RequiredLabels:1: 'gpu-*' is given to every runner as written: * is not special here"],
            Find(required: ["gpu", "gpu-*"]));

    [Theory]
    [InlineData("vm-1")]
    [InlineData("vm-*")]
    [InlineData("repo:octo-org/octo-repo:ref:refs/heads/main")]
    [InlineData("CN=vm 1, O=Übung (test)")]
    [InlineData("a+b@example.com")]
    public void Deliberate_settings_are_not_reported(string value) => Assert.Empty(Find(claims: [value], deny: [value], labels: [value]));

    private static List<string> Find(
        string claim = "sub",
        string[]? claims = null,
        string[]? deny = null,
        string[]? names = null,
        string[]? labels = null,
        string[]? required = null)
    {
        var policy = new PolicyOptions
        {
            Issuer = "a",
            Claims = { new ClaimOptions { Claim = "sub", Matches = [.. claims ?? ["vm-1"]] } },
            Scopes = { "orgs/octo-org" },
            Operations = { "registration-token" },
            Runners = new RunnerBoundsOptions
            {
                Names = [.. names ?? ["vm"]],
                Labels = [.. labels ?? []],
                RequiredLabels = [.. required ?? []],
            },
        };
        if (deny is not null)
            policy.DenyClaims.Add(new ClaimOptions { Claim = claim, Matches = [.. deny] });
        const string Beginning = "Authorization:Policies:p:";
        return [.. PolicyWarnings.Find(PolicySet.Compile(new PolicyListOptions { Policies = { ["p"] = policy } })).Select(warning =>
        {
            Assert.StartsWith(Beginning, warning.Key, StringComparison.Ordinal);
            return $"{warning.Key[Beginning.Length..]}: {warning.Text}";
        })];
    }
}
