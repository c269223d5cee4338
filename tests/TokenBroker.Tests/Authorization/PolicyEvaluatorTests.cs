using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Tests.Authorization;

public sealed class PolicyEvaluatorTests
{
    private static readonly PolicySet Policies = new(
    [
        Policy("vms", "gce", [("project", "ci-*"), ("zone", "eu-1")], ["orgs/octo-org", "repos/octo-org/*"], Operation.RegistrationToken),
        Policy("admins", "gce", [("project", "ci-prod"), ("role", "admin")], ["orgs/*"], Operation.RemoveToken),
        Policy("pods", "k8s", [("namespace", "runners")], ["enterprises/octo-ent"], Operation.RegistrationToken),
    ]);

    [Theory]
    [InlineData("gce", """{"project":"ci-prod","zone":"eu-1"}""", Operation.RegistrationToken, "orgs/octo-org", "vms", "all claims match")]
    [InlineData(
        "gce",
        """{"project":"ci-prod","zone":"eu-1"}""",
        Operation.RegistrationToken,
        "orgs/OCTO-org",
        "vms",
        "scopes know no case")]
    [InlineData(
        "gce",
        """{"project":"ci-prod","zone":"eu-1"}""",
        Operation.RegistrationToken,
        "repos/octo-org/hello",
        "vms",
        "a star in the repository")]
    [InlineData("gce", """{"project":"ci-prod","zone":"EU-1"}""", Operation.RegistrationToken, "orgs/octo-org", null, "claims know case")]
    [InlineData("gce", """{"project":"ci-prod"}""", Operation.RegistrationToken, "orgs/octo-org", null, "one claim is missing")]
    [InlineData(
        "gce",
        """{"project":"xci-prod","zone":"eu-1"}""",
        Operation.RegistrationToken,
        "orgs/octo-org",
        null,
        "the match is of the whole value")]
    [InlineData("gce", """{"project":"ci-prod","zone":"eu-1"}""", Operation.RemoveToken, "orgs/octo-org", null, "another operation")]
    [InlineData("gce", """{"project":"ci-prod","zone":"eu-1"}""", Operation.RegistrationToken, "orgs/octo-org-2", null, "a longer name")]
    [InlineData(
        "gce",
        """{"project":"ci-prod","zone":"eu-1"}""",
        Operation.RegistrationToken,
        "repos/other/octo-org",
        null,
        "another owner")]
    [InlineData(
        "gce",
        """{"project":"ci-prod","zone":"eu-1"}""",
        Operation.RegistrationToken,
        "enterprises/octo-org",
        null,
        "another form of the same name")]
    [InlineData(
        "k8s",
        """{"project":"ci-prod","zone":"eu-1"}""",
        Operation.RegistrationToken,
        "orgs/octo-org",
        null,
        "another issuer with the same claims")]
    [InlineData("k8s", """{"namespace":"runners"}""", Operation.RegistrationToken, "enterprises/octo-ent", "pods", "an enterprise")]
    [InlineData(
        "none",
        """{"namespace":"runners"}""",
        Operation.RegistrationToken,
        "enterprises/octo-ent",
        null,
        "an issuer without policies")]
    [InlineData(
        "gce",
        """{"project":"ci-prod","zone":"eu-1","role":"admin"}""",
        Operation.RemoveToken,
        "orgs/anything",
        "admins",
        "a second policy")]
    [InlineData(
        "gce",
        """{"project":"ci-prod","zone":"eu-1","role":"admin"}""",
        Operation.RegistrationToken,
        "orgs/anything",
        null,
        "policies are not added together")]
    public void The_policies_decide(string issuer, string claims, Operation operation, string scope, string? policy, string why)
    {
        var decision = PolicyEvaluator.Evaluate(
            Policies,
            new CallerClaims(issuer, JsonElement.Parse(claims), default),
            operation,
            ScopeOf(scope));
        Assert.True(policy == decision.Policies.SingleOrDefault()?.Name, why);
        Assert.Equal(policy is not null, decision.IsAllowed);
        Assert.Equal(policy is not null, decision.Reason == DenialReason.None);
    }

    [Theory]
    [InlineData("other", """{}""", Operation.RegistrationToken, "orgs/a", DenialReason.NoPolicyOfIssuer)]
    [InlineData("k8s", """{}""", Operation.RegistrationToken, "orgs/a", DenialReason.ClaimsDiffer)]
    [InlineData("k8s", """{"namespace":"runners"}""", Operation.RegistrationToken, "orgs/a", DenialReason.ScopeNotNamed)]
    [InlineData("k8s", """{"namespace":"runners"}""", Operation.Delete, "enterprises/octo-ent", DenialReason.OperationNotNamed)]
    public void The_log_shows_how_far_the_nearest_policy_got(
        string issuer,
        string claims,
        Operation operation,
        string scope,
        DenialReason reason) =>
        Assert.Equal(reason, PolicyEvaluator.Evaluate(Policies, new CallerClaims(
            issuer,
            JsonElement.Parse(claims),
            default), operation, ScopeOf(scope)).Reason);

    [Fact]
    public void Without_policies_everything_is_denied() => Prop.ForAll(Requests.ToArbitrary(), request =>
        !PolicyEvaluator.Evaluate(new PolicySet([]), request.Caller, request.Operation, request.Scope).IsAllowed)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_policy_without_claims_matches_no_caller() => Prop.ForAll(Requests.ToArbitrary(), request =>
        !PolicyEvaluator.Evaluate(
            new PolicySet(
                [Policy("open", request.Caller.Issuer, [], ["orgs/*", "repos/*/*", "enterprises/*"], Enum.GetValues<Operation>())]),
            request.Caller, request.Operation, request.Scope).IsAllowed)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Adding_a_policy_never_takes_a_permission_away() =>
        Prop.ForAll(PolicyLists.ToArbitrary(), GeneratedPolicies.ToArbitrary(), Requests.ToArbitrary(), (before, added, request) =>
        {
            var was = PolicyEvaluator.Evaluate(new PolicySet(before), request.Caller, request.Operation, request.Scope);
            var isNow = PolicyEvaluator.Evaluate(new PolicySet([added, .. before]), request.Caller, request.Operation, request.Scope);
            return !was.IsAllowed || isNow.IsAllowed;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void What_several_policies_allow_one_of_them_allows_alone() =>
        Prop.ForAll(PolicyLists.ToArbitrary(), Requests.ToArbitrary(), (policies, request) =>
        {
            bool Allows(params IEnumerable<Policy> set) =>
                PolicyEvaluator.Evaluate(new PolicySet(set), request.Caller, request.Operation, request.Scope).IsAllowed;
            return Allows(policies) == policies.Any(policy => Allows(policy));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static Gen<string> Issuers => Gen.Elements("gce", "k8s");

    private static Gen<string> Values => Gen.Elements("a", "b", "ab", "a/b");

    private static Gen<Request> Requests =>
        from issuer in Issuers
        from first in Values
        from second in Values
        from operation in Gen.Elements(Enum.GetValues<Operation>())
        from scope in Gen.Elements("orgs/a", "orgs/ab", "repos/a/b", "enterprises/a")
        select new Request(
            new CallerClaims(issuer, JsonSerializer.SerializeToElement(new { first, second }), default),
            operation,
            ScopeOf(scope));

    private static Gen<Policy> GeneratedPolicies =>
        from issuer in Issuers
        from claim in Gen.Elements("first", "second", "third")
        from pattern in Gen.Elements("a", "*", "a*", "*/*", "b")
        from scope in Gen.Elements("orgs/a*", "orgs/*", "repos/a/*", "repos/*/*", "enterprises/a")
        from operations in Gen.SubListOf(Enum.GetValues<Operation>())
        select Policy("generated", issuer, [(claim, pattern)], [scope], [.. operations]);

    private static Gen<IList<Policy>> PolicyLists => GeneratedPolicies.ListOf().Select(list => (IList<Policy>)[.. list]);

    private static Policy Policy(
        string name,
        string issuer,
        (string Claim, string Pattern)[] claims,
        string[] scopes,
        params Operation[] operations) => new(
        name,
        issuer,
        [.. claims.Select(claim => new ClaimRule(
            ClaimPointer.TryParse(claim.Claim, out var pointer) ? pointer : throw new FormatException(),
            [new Pattern(claim.Pattern)]))],
        [.. scopes.Select(text => ScopeRule.TryParse(text, out var scope) ? scope : throw new FormatException(text))],
        operations.ToHashSet(),
        Runners: null);

    private static Scope ScopeOf(string path) => path.Split('/') switch
    {
        ["repos", var owner, var repository] => Scope.ForRepository(owner, repository),
        ["orgs", var organization] => Scope.ForOrganization(organization),
        [_, var enterprise] => Scope.ForEnterprise(enterprise),
        _ => throw new FormatException(path),
    };

    private sealed record Request(CallerClaims Caller, Operation Operation, Scope Scope);
}
