using System.Text.Json;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Tests.Authorization;

/// <summary>
/// What a policy can say beyond plain claims: what must not be, how old something may be, and the caller's own claims in names.
/// </summary>
public sealed class PolicyDepthTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"sub":"vm-1"}""", true)]
    [InlineData("""{"sub":"vm-1","event":"push"}""", true)]
    [InlineData("""{"sub":"vm-1","event":"pull_request"}""", false)]
    [InlineData("""{"sub":"vm-1","event":["push","pull_request"]}""", false)]
    public void A_denied_claim_ends_the_match(string claims, bool isAllowed)
    {
        var policy = Policy(options => options.DenyClaims.Add(new ClaimOptions { Claim = "event", Matches = { "pull_request*" } }));
        Assert.Equal(isAllowed, IsAllowed([policy], claims, Scope.ForOrganization("octo-org")));
    }

    [Fact]
    public void A_denied_claim_ends_no_other_policys_match()
    {
        var denying = Policy(options => options.DenyClaims.Add(new ClaimOptions { Claim = "sub", Matches = { "*" } }));
        Assert.False(IsAllowed([denying], """{"sub":"vm-1"}""", Scope.ForOrganization("octo-org")));
        Assert.True(IsAllowed([denying, Policy()], """{"sub":"vm-1"}""", Scope.ForOrganization("octo-org")));
    }

    [Theory]
    [InlineData("1767322145", true, "15 minutes ago")]
    [InlineData("1767322144", false, "a second more")]
    [InlineData("1767323045", true, "now")]
    [InlineData("1767323105", true, "a clock that is a minute ahead")]
    [InlineData("1767323106", false, "the future")]
    [InlineData("\"2026-01-02T02:49:05Z\"", true, "a date and time")]
    [InlineData("\"2026-01-02T03:49:05.5+01:00\"", true, "with an offset")]
    [InlineData("\"2026-01-02T02:49:04Z\"", false, "too old")]
    [InlineData("\"yesterday\"", false, "no time")]
    [InlineData("\"1767323045\"", false, "a number as a text")]
    [InlineData("1e300", false, "no time either")]
    [InlineData("null", false, "nothing")]
    public void A_claim_states_how_old_something_may_be(string began, bool isAllowed, string why)
    {
        var policy =
            Policy(options => options.MaximumClaimAge = new ClaimAgeOptions { Claim = "/vm/created", Age = TimeSpan.FromMinutes(15) });
        Assert.True(
            isAllowed == IsAllowed([policy], $$$"""{"sub":"vm-1","vm":{"created":{{{began}}}}}""", Scope.ForOrganization("octo-org")),
            why);
    }

    [Theory]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"octo-org/hello"}""", true)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"Octo-Org/Hello"}""", true)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"octo-org/other"}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"octo-org/*"}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"*/*"}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"octo-org"}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"octo-org/hello/x"}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":["octo-org/hello"]}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":7}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1","repository":"{/repository}"}""", false)]
    [InlineData("repos/{/repository}", """{"sub":"vm-1"}""", false)]
    [InlineData("repos/{/owner}/*", """{"sub":"vm-1","owner":"octo-org"}""", true)]
    [InlineData("repos/{/owner}/*", """{"sub":"vm-1","owner":"octo"}""", false)]
    [InlineData("repos/{/owner}/*", """{"sub":"vm-1","owner":"octo-org/hello"}""", false)]
    [InlineData("repos/octo-org/{/name}", """{"sub":"vm-1","name":"hello"}""", true)]
    [InlineData("repos/octo-org/{/name}", """{"sub":"vm-1","name":"hello/../x"}""", false)]
    public void A_scope_holds_the_callers_own_claim(string scope, string claims, bool isAllowed) =>
        Assert.Equal(
            isAllowed,
            IsAllowed([Policy(options => options.Scopes[0] = scope)], claims, Scope.ForRepository("octo-org", "hello")));

    [Theory]
    [InlineData("repos/{/repository")]
    [InlineData("repos/{}")]
    [InlineData("repos//{/repository}/}")]
    [InlineData("{/scope}")]
    [InlineData("orgs/{/a}/{/b}")]
    [InlineData("users/{/a}")]
    public void A_scope_that_cannot_be_one_is_a_fault(string scope) => Assert.False(ScopeRule.TryParse(scope, out _));

    [Theory]
    [InlineData("""{"sub":"vm-1","id":"42"}""", "vm-42-a", true)]
    [InlineData("""{"sub":"vm-1","id":"42"}""", "vm-43-a", false)]
    [InlineData("""{"sub":"vm-1","id":"*"}""", "vm-43-a", false)]
    [InlineData("""{"sub":"vm-1","id":"*"}""", "vm-*-a", false)]
    [InlineData("""{"sub":"vm-1","id":42}""", "vm-42-a", false)]
    [InlineData("""{"sub":"vm-1"}""", "vm--a", false)]
    public void A_runners_name_holds_the_callers_own_claim(string claims, string name, bool isAllowed)
    {
        var policy = Policy(options => options.Runners = new RunnerBoundsOptions { Names = { "vm-{/id}-*" } });
        Assert.Equal(isAllowed, policy.Runners!.For(JsonElement.Parse(claims)).AllowsName(name));
    }

    [Fact]
    public void Of_several_policies_the_longest_life_counts()
    {
        var decision = PolicyEvaluator.Evaluate(
            new PolicySet([
                Policy(),
                Policy(options => options.MinimumRemainingLifetime = TimeSpan.FromMinutes(20)),
                Policy(options => options.MinimumRemainingLifetime = TimeSpan.FromMinutes(30)),
            ]),
            Caller("""{"sub":"vm-1"}"""),
            Operation.RegistrationToken,
            Scope.ForOrganization("octo-org"));
        Assert.Equal(TimeSpan.FromMinutes(30), decision.MinimumRemainingLifetime);
    }

    private static CallerClaims Caller(string claims) => new("gce", JsonElement.Parse(claims), Now);

    private static bool IsAllowed(Policy[] policies, string claims, Scope scope) =>
        PolicyEvaluator.Evaluate(new PolicySet(policies), Caller(claims), Operation.RegistrationToken, scope).IsAllowed;

    private static Policy Policy(Action<PolicyOptions>? change = null)
    {
        var options = new PolicyOptions
        {
            Issuer = "gce",
            Claims = { new ClaimOptions { Claim = "sub", Matches = { "vm-*" } } },
            Scopes = { "orgs/octo-org" },
            Operations = { "registration-token" },
        };
        change?.Invoke(options);
        return PolicySet.Compile(new PolicyListOptions { Policies = { ["policy"] = options } }).All.Single();
    }
}
