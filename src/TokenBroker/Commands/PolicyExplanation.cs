using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.Authorization;
using TokenBroker.Scopes;

namespace TokenBroker.Commands;

/// <summary>What keeps one policy from allowing a request: everything, and what it wants, which only an operator may know.</summary>
internal sealed class PolicyExplanation(Policy policy, CallerClaims caller, Operation operation, Scope scope)
{
    private const int LongestValue = 200;
    private static readonly Operation[] BoundOperations = [Operation.JitConfiguration, Operation.Labels, Operation.Delete];

    /// <summary>A line for each obstacle; none if the policy allows the request.</summary>
    public IEnumerable<string> Obstacles =>
    [
        .. policy.Claims.Where(rule => !rule.IsMetBy(caller)).Select(rule => $"claim {rule.Claim} is {ValueOf(rule.Claim)}; wanted: {Any(rule.Matches)}"),
        .. policy.DenyClaims.Where(rule => rule.Denies(caller)).Select(rule => $"claim {rule.Claim} {FoundBy(rule)}; denied: {Any(rule.Matches)}"),
        .. policy.MaximumClaimAge is { } age && !age.IsMetBy(caller) ? [Describe(age)] : Array.Empty<string>(),
        .. policy.Names(scope, caller.Payload) ? Array.Empty<string>() : [$"scope {scope} is none of: {string.Join(", ", policy.Scopes.Select(Describe))}"],
        .. policy.Operations.Contains(operation) ? Array.Empty<string>() : [$"operation {OperationNames.NameOf(operation)} is none of: {string.Join(", ", policy.Operations.Order().Select(OperationNames.NameOf))}"],
        .. policy.Counts(operation) && caller.MissingId is { } missing
            ? [$"claim {missing} is missing; wanted: any, because it is of the issuer's CallerId, by which the policy's Grants are counted"]
            : Array.Empty<string>(),
    ];

    /// <summary>What an operator should know of a policy that allows the request: deny rules, which it may have been meant to meet, and the runners that it may be about.</summary>
    public IEnumerable<string> Conditions =>
    [
        .. policy.DenyClaims.Where(rule => rule.LacksClaim(caller)).Select(rule => $"claim {rule.Claim} is missing, so nothing of it is denied; denied: {Any(rule.Matches)}"),
        .. policy.DenyClaims.Where(rule => !rule.LacksClaim(caller)).Select(rule => $"claim {rule.Claim} {FoundBy(rule)}, which is not denied; denied: {Any(rule.Matches)}"),
        .. Bounds,
    ];

    // Nothing for an operation that is about no runners.
    private IEnumerable<string> Bounds
    {
        get
        {
            if (!BoundOperations.Contains(operation) || policy.Runners is not { } rules)
                return [];
            var bounds = rules.For(caller.Payload);
            return
            [
                $"runner names: {(bounds.Names.Count > 0 ? List(bounds.Names) : $"none: this caller lacks a claim of {string.Join(", ", rules.Names)}, or has one that is no name")}",
                $"labels to choose from: {List(bounds.Labels)}",
                $"labels that every runner has: {List(bounds.RequiredLabels)}",
                $"runner groups: {string.Join(", ", bounds.GroupIds)}",
                $"work folders: {List(bounds.WorkFolders)}",
            ];
        }
    }

    private static string Any(IEnumerable<Pattern> patterns) => string.Join(" or ", patterns.Select(pattern => $"\"{pattern}\""));

    private static string List(IReadOnlyCollection<object> texts) => texts.Count > 0 ? string.Join(", ", texts) : "none";

    private static string Shorten(string text) => text.Length > LongestValue ? text[..LongestValue] + "…" : text;

    private string ValueOf(ClaimPointer claim) => claim.Find(caller.Payload) switch
    {
        null => "missing",
        { ValueKind: JsonValueKind.Object } => "an object, which matches nothing",
        { } value => Shorten(value.GetRawText()),
    };

    private string FoundBy(DenyRule rule)
    {
        var found = caller.DeniableAt(rule.Claim);
        return (found.IsInDoubt, rule.Claim.Find(caller.Payload)) switch
        {
            (true, null) => "lies in what cannot be looked into",
            (true, { } whole) => $"is {Shorten(whole.GetRawText())}, which cannot be compared",
            (false, null) when found.Texts.Count > 0 => $"is {Shorten(string.Join(" and ", found.Texts.Select(text => $"\"{text}\"")))} in an array",
            (false, null) => "is an empty array in an array",
            (false, not null) => $"is {ValueOf(rule.Claim)}",
        };
    }

    private string Describe(ClaimAge age) =>
        $"claim {age.Claim} is {ValueOf(age.Claim)}{(age.BeganAt(caller.Payload) is { } began ? $", {TokenTimes.Describe(began, caller.Now)}" : ", which is no time")}; wanted: at most {age.Oldest:c} ago";

    // With the caller's own claims in place where there are any.
    private string Describe(ScopeRule rule) =>
        !rule.Text.Contains('{', StringComparison.Ordinal) ? rule.Text
        : rule.For(caller.Payload) is { } own ? $"{rule} (here {own})"
        : $"{rule} (here nothing: the claim is missing, or no name)";
}
