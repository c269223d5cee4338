using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Commands;

/// <summary>
/// Why one policy does not allow a request, in full. It shows what the policy requires, so it is for operators, never for callers.
/// </summary>
internal sealed class PolicyExplanation(Policy policy, CallerClaims caller, Operation operation, Scope scope)
{
    private const int LongestValue = 200;

    /// <summary>One line for each obstacle. Empty if the policy allows the request.</summary>
    public IEnumerable<string> Obstacles
    {
        get
        {
            foreach (var rule in policy.Claims.Where(rule => !rule.IsMetBy(caller)))
                yield return $"claim {rule.Claim} is {ValueOf(rule.Claim)}; expected: {Join(rule.Matches)}";
            foreach (var rule in policy.DenyClaims.Where(rule => rule.Denies(caller)))
                yield return $"claim {rule.Claim} {DescribeFound(rule)}; denied: {Join(rule.Matches)}";
            if (policy.MaximumClaimAge is { } age && !age.IsMetBy(caller))
                yield return Describe(age);
            if (!policy.Names(scope, caller.Payload))
                yield return $"scope {scope} is not one of: {string.Join(", ", policy.Scopes.Select(Describe))}";
            if (!policy.Operations.Contains(operation))
            {
                var allowed = policy.Operations.Order().Select(OperationNames.NameOf);
                yield return $"operation {OperationNames.NameOf(operation)} is not one of: {string.Join(", ", allowed)}";
            }

            if (policy.Counts(operation) && caller.MissingId is { } missing)
            {
                yield return $"claim {missing} is missing; expected: any value, because the policy's Grants are counted by the issuer's "
                    + "CallerId, which includes it";
            }
        }
    }

    /// <summary>
    /// What an operator should know about a policy that allows the request: its deny rules, which may have been meant to apply, and the
    /// runners that the caller may create or change.
    /// </summary>
    public IEnumerable<string> Conditions
    {
        get
        {
            foreach (var rule in policy.DenyClaims.Where(rule => rule.LacksClaim(caller)))
                yield return $"claim {rule.Claim} is missing, so it is not denied; denied: {Join(rule.Matches)}";
            foreach (var rule in policy.DenyClaims.Where(rule => !rule.LacksClaim(caller)))
                yield return $"claim {rule.Claim} {DescribeFound(rule)}, which is not denied; denied: {Join(rule.Matches)}";
            foreach (var bound in Bounds)
                yield return bound;
        }
    }

    private IEnumerable<string> Bounds
    {
        get
        {
            if (!OperationNames.Bounded.Contains(operation) || policy.Runners is not { } rules)
                return [];
            var bounds = rules.For(caller.Payload);
            var names = bounds.Names.Count > 0
                ? List(bounds.Names)
                : $"none: a claim in {string.Join(", ", rules.Names)} is missing, or is not a valid name";
            return
            [
                $"runner names: {names}",
                $"labels to choose from: {List(bounds.Labels)}",
                $"labels that every runner has: {List(bounds.RequiredLabels)}",
                $"runner groups: {string.Join(", ", bounds.GroupIds)}",
                $"work folders: {List(bounds.WorkFolders)}",
            ];
        }
    }

    private static string Join(IEnumerable<Pattern> patterns) => string.Join(" or ", patterns.Select(pattern => $"\"{pattern}\""));

    private static string List(IReadOnlyCollection<object> texts) => texts.Count > 0 ? string.Join(", ", texts) : "none";

    private static string Shorten(string text) => text.Length > LongestValue ? text[..LongestValue] + "…" : text;

    private string ValueOf(ClaimPointer claim) => claim.Find(caller.Payload) switch
    {
        null => "missing",
        { ValueKind: JsonValueKind.Object } => "an object, which matches nothing",
        { } value => Shorten(value.GetRawText()),
    };

    private string DescribeFound(DenyRule rule)
    {
        var found = caller.DeniableAt(rule.Claim);
        return (found.IsInDoubt, rule.Claim.Find(caller.Payload)) switch
        {
            (true, null) => "is inside a value that cannot be searched",
            (true, { } whole) => $"is {Shorten(whole.GetRawText())}, which cannot be compared",
            (false, null) when found.Texts.Count > 0 =>
                $"is {Shorten(string.Join(" and ", found.Texts.Select(text => $"\"{text}\"")))} in an array",
            (false, null) => "is an empty array in an array",
            (false, not null) => $"is {ValueOf(rule.Claim)}",
        };
    }

    private string Describe(ClaimAge age)
    {
        var time = age.BeganAt(caller.Payload) is { } began ? TokenTimes.Describe(began, caller.Now) : "which is not a time";
        return $"claim {age.Claim} is {ValueOf(age.Claim)}, {time}; expected: at most {age.Oldest:c} ago";
    }

    // Shows a template's result for this caller as well.
    private string Describe(ScopeRule rule) =>
        !rule.Text.Contains('{', StringComparison.Ordinal) ? rule.Text
        : rule.For(caller.Payload) is { } own ? $"{rule} (here {own})"
        : $"{rule} (here nothing: the claim is missing, or is not a valid name)";
}
