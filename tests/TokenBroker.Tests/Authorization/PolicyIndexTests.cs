using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Tests.Authorization;

/// <summary>Whatever the index leaves out, the decision is that of trying every policy.</summary>
public sealed class PolicyIndexTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_decision_is_that_of_trying_every_policy()
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        Prop.ForAll(PolicyLists.ToArbitrary(), Requests.ListOf(20).ToArbitrary(), (options, requests) =>
        {
            var policies = PolicySet.Compile(Options(options));
            foreach (var request in requests)
            {
                var expected = Naive.Evaluate(options, policies, request.Caller(), request.Operation, request.Scope);
                var decision = PolicyEvaluator.Evaluate(policies, request.Caller(), request.Operation, request.Scope);
                Assert.Equal(expected.Reason, decision.Reason);
                Assert.Equal(expected.Policies.Select(policy => policy.Name), decision.Policies.Select(policy => policy.Name));

                var expectedOfOwner = Naive.EvaluateOwner(options, policies, request.Caller(), "a");
                var decisionOfOwner = PolicyEvaluator.EvaluateOwner(policies, request.Caller(), "a");
                Assert.Equal(expectedOfOwner.Reason, decisionOfOwner.Reason);
                Assert.Equal(
                    expectedOfOwner.Policies.Select(policy => policy.Name),
                    decisionOfOwner.Policies.Select(policy => policy.Name));

                Count(decision.Reason.ToString());
                Count(decision.Policies.Count > 1 ? "several" : "one or none");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

        // Nothing is shown by requests that all end alike. Whether grants are used up is not the evaluator's to say.
        foreach (var outcome in Enum.GetNames<DenialReason>()
            .Except([nameof(DenialReason.GrantsUsedUp)], StringComparer.Ordinal)
            .Append("several"))
            Assert.True(seen.GetValueOrDefault(outcome) > 20, $"{outcome}: only {seen.GetValueOrDefault(outcome)} requests.");

        void Count(string outcome) => seen[outcome] = seen.GetValueOrDefault(outcome) + 1;
    }

    [Fact]
    public void One_instance_of_a_callers_claims_gives_the_same_answer_twice() =>
        Prop.ForAll(PolicyLists.ToArbitrary(), Requests.ToArbitrary(), (options, request) =>
        {
            var policies = PolicySet.Compile(Options(options));
            var caller = request.Caller();
            var first = PolicyEvaluator.Evaluate(policies, caller, request.Operation, request.Scope);
            var second = PolicyEvaluator.Evaluate(policies, caller, request.Operation, request.Scope);
            return first.Reason == second.Reason && first.Policies.SequenceEqual(second.Policies);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void One_policy_of_a_thousand_is_found_by_any_kind_of_pattern()
    {
        foreach (var pattern in new[] { "service-{0:0000}", "service-{0:0000}*", "*-{0:0000}", "*ice-{0:0000}*" })
        {
            var policies = PolicySet.Compile(Options([.. Enumerable.Range(0, 1000).Select(number => new PolicyOptions
            {
                Issuer = "gce",
                Claims = { Claim("kind", "service"), Claim("/vm/name", string.Format(CultureInfo.InvariantCulture, pattern, number)) },
                Scopes = { "orgs/a" },
                Operations = { "registration-token" },
            })]));
            for (var number = 0; number < 1000; number += 37)
            {
                var payload = JsonSerializer.SerializeToElement(new { kind = "service", vm = new { name = $"service-{number:0000}" } });
                var decision = PolicyEvaluator.Evaluate(
                    policies,
                    new CallerClaims("gce", payload, Now),
                    Operation.RegistrationToken,
                    Scope.ForOrganization("a"));
                Assert.Equal([$"policy-{number:0000}"], decision.Policies.Select(policy => policy.Name));
            }
        }
    }

    [Fact]
    public void Policies_come_in_the_configurations_order()
    {
        var policies = PolicySet.Compile(Options(
        [
            .. new[] { "*", "vm-1", "vm-*", "v*", "vm-1", "*1" }.Select(pattern => new PolicyOptions
            {
                Issuer = "gce",
                Claims = { Claim("sub", pattern) },
                Scopes = { "orgs/a" },
                Operations = { "registration-token" },
            }),
        ]));
        var caller = new CallerClaims("gce", JsonElement.Parse("""{"sub":"vm-1"}"""), Now);
        var decision = PolicyEvaluator.Evaluate(policies, caller, Operation.RegistrationToken, Scope.ForOrganization("a"));
        Assert.Equal(
            ["policy-0000", "policy-0001", "policy-0002", "policy-0003", "policy-0004", "policy-0005"],
            decision.Policies.Select(policy => policy.Name));
    }

    private static Gen<string> Issuers => Gen.Frequency((6, Gen.Constant("gce")), (2, Gen.Constant("k8s")), (1, Gen.Constant("none")));

    // Two ways to write one place, one into an array, one that is a plain name, and one that callers do not have.
    private static Gen<string> Pointers => Gen.Elements("first", "/first", "second", "/list", "/list/0", "/in/side", "in/side", "missing");

    private static Gen<string> Patterns => Gen.Frequency(
        (5, Gen.Elements("a", "b", "ab", "abc", "a/b", "7", "true", "7.0")),
        (3, Gen.Elements("a*", "ab*", "abc*", "a/*", "b*", "t*", "7*")),
        (2, Gen.Elements("*", "*b", "*/*", "*a*", "a*c", "**")));

    private static Gen<ClaimOptions> Rules =>
        from claim in Pointers
        from count in Gen.Choose(1, 3)
        from patterns in Patterns.ListOf(count)
        select Claim(claim, patterns);

    private static Gen<PolicyOptions> GeneratedPolicies =>
        from issuer in Issuers.Where(issuer => issuer != "none")
        from count in Gen.Frequency((2, Gen.Constant(1)), (1, Gen.Constant(2)))
        from claims in Rules.ListOf(count)
        from denied in Gen.Frequency((3, Gen.Constant<ClaimOptions?>(null)), (1, Rules.Select(rule => (ClaimOptions?)rule)))
        from age in Gen.Frequency((4, Gen.Constant(0)), (1, Gen.Elements(5, 15)))
        from scope in Gen.Elements(
            "orgs/a",
            "orgs/*",
            "orgs/a*",
            "repos/a/b",
            "repos/a/*",
            "repos/{/in/side}",
            "orgs/{/first}",
            "enterprises/a")
        from operations in Gen.Elements<Operation[]>(
            [],
            [Operation.RegistrationToken],
            [Operation.Read, Operation.Delete],
            Enum.GetValues<Operation>())
        from isCounted in Gen.Elements(true, false)
        select Policy(issuer, claims, denied, age, scope, operations, isCounted);

    private static Gen<IReadOnlyList<PolicyOptions>> PolicyLists =>
        from count in Gen.Choose(0, 40)
        from policies in GeneratedPolicies.ListOf(count)
        select (IReadOnlyList<PolicyOptions>)[.. policies];

    private static Gen<string> Values =>
        Gen.Elements("\"a\"", "\"b\"", "\"ab\"", "\"abc\"", "\"abcd\"", "\"a/b\"", "\"\"", "7", "7.0", "true", "null", "{}", "[\"a\"]");

    private static Gen<Request> Requests =>
        from issuer in Issuers
        from first in Values
        from second in Values
        from list in Values.ListOf()
        from inside in Values
        from age in Gen.Elements(0, 600, 1200)
        from operation in Gen.Elements(Enum.GetValues<Operation>())
        from scope in Gen.Elements("orgs/a", "orgs/a", "orgs/ab", "repos/a/b", "enterprises/a")
        from isIdentified in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        select new Request(
            issuer,
            $$$"""{"first":{{{first}}},"second":{{{second}}},"list":[{{{string.Join(',',
                list)}}}],"in":{"side":{{{inside}}}},"began":{{{Now.ToUnixTimeSeconds() - age}}}}""",
            operation,
            scope,
            isIdentified);

    private static ClaimOptions Claim(string claim, params IEnumerable<string> patterns)
    {
        var rule = new ClaimOptions { Claim = claim };
        rule.Matches.AddRange(patterns);
        return rule;
    }

    private static PolicyOptions Policy(
        string issuer,
        IEnumerable<ClaimOptions> claims,
        ClaimOptions? denied,
        int minutes,
        string scope,
        IEnumerable<Operation> operations,
        bool isCounted)
    {
        var policy = new PolicyOptions
        {
            Issuer = issuer,
            Scopes = { scope },
            Grants = isCounted ? new GrantOptions { Count = 1, Within = TimeSpan.FromHours(1) } : null,
        };
        policy.Claims.AddRange(claims);
        policy.Operations.AddRange(operations.Select(OperationNames.NameOf));
        if (denied is not null)
            policy.DenyClaims.Add(denied);
        if (minutes > 0)
            policy.MaximumClaimAge = new ClaimAgeOptions { Claim = "began", Age = TimeSpan.FromMinutes(minutes) };
        return policy;
    }

    private static PolicyListOptions Options(IEnumerable<PolicyOptions> policies)
    {
        var options = new PolicyListOptions();
        foreach (var (number, policy) in policies.Index())
            options.Policies.Add($"policy-{number:0000}", policy);
        return options;
    }

    private sealed record Request(string Issuer, string Claims, Operation Operation, string ScopePath, bool IsIdentified)
    {
        public Scope Scope => ScopePath.Split('/') switch
        {
            ["repos", var owner, var repository] => Scope.ForRepository(owner, repository),
            ["orgs", var organization] => Scope.ForOrganization(organization),
            [_, var enterprise] => Scope.ForEnterprise(enterprise),
            _ => throw new FormatException(ScopePath),
        };

        public CallerClaims Caller() => new(Issuer, JsonElement.Parse(Claims), Now)
        {
            MissingId = !IsIdentified && ClaimPointer.TryParse("/id", out var claim) ? claim : null,
        };
    }

    /// <summary>Tries every policy as it is written, by other means than the broker's: a tree of nodes and regular expressions.</summary>
    private static class Naive
    {
        public static Decision Evaluate(
            IReadOnlyList<PolicyOptions> options,
            PolicySet policies,
            CallerClaims caller,
            Operation operation,
            Scope scope)
        {
            var payload = JsonNode.Parse(caller.Payload.GetRawText())!;
            var results = options.Select((policy, place) => (Policy: policy, Name: $"policy-{place:0000}"))
                .Where(entry => entry.Policy.Issuer == caller.Issuer)
                .Select(entry => (Compiled: policies.All.Single(policy => policy.Name == entry.Name), Reason: Refusal(entry.Policy)))
                .ToList();
            var allowing = results.Where(result => result.Reason == DenialReason.None).Select(result => result.Compiled).ToList();
            var nearest = results.Select(result => result.Reason).Append(DenialReason.NoPolicyOfIssuer).Max();
            return new Decision(allowing, allowing.Count > 0 ? DenialReason.None : nearest);

            DenialReason Refusal(PolicyOptions policy) =>
                !IsFor(policy, payload) ? DenialReason.ClaimsDiffer
                : !policy.Scopes.Exists(
                    text => ScopeRule.TryParse(text, out var rule) && rule.Matches(scope, caller.Payload)) ? DenialReason.ScopeNotNamed
                : !policy.Operations.Contains(OperationNames.NameOf(operation)) ? DenialReason.OperationNotNamed
                : policy.Grants is not null && caller.MissingId is not null && operation is (Operation.RegistrationToken
                    or Operation.RemoveToken
                    or Operation.JitConfiguration) ? DenialReason.CallerIdMissing
                : DenialReason.None;
        }

        public static Decision EvaluateOwner(IReadOnlyList<PolicyOptions> options, PolicySet policies, CallerClaims caller, string owner)
        {
            var payload = JsonNode.Parse(caller.Payload.GetRawText())!;
            var own = options.Select((policy, place) => (Policy: policy, Name: $"policy-{place:0000}"))
                .Where(entry => entry.Policy.Issuer == caller.Issuer && IsFor(entry.Policy, payload))
                .ToList();
            var naming = own
                .Where(entry =>
                    entry.Policy.Scopes.Exists(text => ScopeRule.TryParse(text, out var rule) && rule.MatchesOwner(owner, caller.Payload)))
                .Select(entry => policies.All.Single(policy => policy.Name == entry.Name))
                .ToList();
            return new Decision(
                naming,
                naming.Count > 0 ? DenialReason.None : own.Count > 0 ? DenialReason.ScopeNotNamed : DenialReason.ClaimsDiffer);
        }

        private static bool IsFor(PolicyOptions policy, JsonNode payload) =>
            policy.Claims.TrueForAll(rule => Meets(payload, rule)) && !policy.DenyClaims
                .Exists(rule => HasNoText(Find(payload, rule.Claim!)) || Meets(payload, rule, star: ".*") || HasNumber(payload, rule))
                && (policy.MaximumClaimAge is not { } age
                    || Now - DateTimeOffset.FromUnixTimeSeconds(payload["began"]!.GetValue<long>()) <= age.Age);

        private static bool HasNoText(JsonNode? claim) =>
            claim is JsonObject || (claim is JsonArray list && list.Any(element => element is JsonObject or JsonArray));

        // The decimals here are short, so that a machine's own type holds them.
        private static bool HasNumber(JsonNode payload, ClaimOptions rule) => ValuesOf(payload, rule)
            .Where(node => node.GetValueKind() == JsonValueKind.Number)
            .Any(node => rule.Matches.Exists(pattern => decimal.TryParse(
                pattern,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number) && number == node.GetValue<decimal>()));

        private static IEnumerable<JsonValue> ValuesOf(JsonNode payload, ClaimOptions rule) =>
            (Find(payload, rule.Claim!) is JsonArray list ? list.ToArray() : [Find(payload, rule.Claim!)]).OfType<JsonValue>();

        private static bool Meets(JsonNode payload, ClaimOptions rule, string star = "[^/]*") => ValuesOf(payload, rule)
            .Select(node => node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString())
            .Any(text => rule.Matches.Exists(pattern => Regex.IsMatch(
                text,
                $"^{Regex.Escape(pattern).Replace("\\*", star, StringComparison.Ordinal)}\\z",
                RegexOptions.CultureInvariant | RegexOptions.Singleline,
                TimeSpan.FromSeconds(10))));

        private static JsonNode? Find(JsonNode payload, string claim) => claim switch
        {
            "first" or "/first" => payload["first"],
            "second" => payload["second"],
            "/list" => payload["list"],
            "/list/0" => payload["list"]!.AsArray().FirstOrDefault(),
            "/in/side" => payload["in"]!["side"],
            _ => null,
        };
    }
}
