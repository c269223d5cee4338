using TokenBroker.Configuration;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Warns of policies that are valid but unwise.</summary>
internal static class PolicyWarnings
{
    private static readonly Operation[] ChangesExisting = [Operation.Labels, Operation.Delete];

    public static IEnumerable<ConfigurationWarning> Find(PolicySet policies) =>
    [
        .. Unbound(policies).Select(pair => Warning(pair.Bounded, "Runners",
            $"does not limit callers who can also get a registration token for the same scope by policy '{pair.Unbounded.Name}': with that "
            + "token they can register any runner there")),
        .. from policy in policies.All
           where policy.Claims.All(rule => rule.Matches.Any(pattern => pattern.MatchesEverything))
           select Warning(policy, "Claims", "match every JWT of the issuer, so all its callers are allowed; is the issuer yours alone?"),
        .. from policy in policies.All
           from scope in policy.Scopes
           where NamesEveryOwner(scope)
           select Warning(policy, "Scopes", $"'{scope}' covers every account that the App is installed on, now or later"),
        .. from policy in policies.All
           where ChangesExisting.Any(policy.Operations.Contains) && policy.Runners is { } runners
               && runners.Names.Any(name => new Pattern(name.Text).MatchesEverything)
           select Warning(
               policy, "Runners:Names", "matches every name, so callers may change or delete every runner of the policy's scopes"),
        .. policies.All.SelectMany(OddValueWarnings.Find),
        .. from policy in policies.All
           from name in policy.Runners?.Shared ?? []
           select Warning(policy, "Runners:Names",
               $"'{name}' may also match a runner of another caller, whose claim begins with this caller's: with {{/claim}}-*, 'web' also "
               + "has the runners of 'web-2'. End the name with the claim, or use a claim that never contains a -, such as an id"),
    ];

    /// <summary>
    /// Pairs of policies that may apply to the same caller and scope, of which the first limits which runners the caller may create, and
    /// the second gives it a registration token: with that token, it can register any runner.
    /// </summary>
    public static IEnumerable<(Policy Bounded, Policy Unbounded)> Unbound(PolicySet policies) =>
        from bounded in policies.All
        where OperationNames.Bounded.Any(bounded.Operations.Contains)
        from unbounded in policies.Of(bounded.Issuer)
        where unbounded.Operations.Contains(Operation.RegistrationToken)
            && bounded.Scopes.Any(one => unbounded.Scopes.Any(one.MayOverlap))
            && bounded.Claims.All(one => unbounded.Claims.All(one.MayMeetAlso))
        select (bounded, unbounded);

    private static bool NamesEveryOwner(ScopeRule scope) => new Pattern(scope.Text.Split('/')[1]).MatchesEverything;

    private static ConfigurationWarning Warning(Policy policy, string key, string text) =>
        new($"{PolicyListOptions.Section}:Policies:{policy.Name}:{key}", text);
}

/// <summary>Warns of values that hardly anything can match: mistakes of copying, and patterns in another language.</summary>
internal static class OddValueWarnings
{
    // Characters of regular expressions and templates. A required claim that never matches is noticed at once, for it denies every caller;
    // a deny rule that never matches is not noticed, so only deny rules are searched for them.
    private static readonly string[] Foreign = ["^", "$", "|", "[", "]", "?", "{", "}", ".*"];

    public static IEnumerable<ConfigurationWarning> Find(Policy policy) =>
        from odd in Odd(policy)
        select new ConfigurationWarning($"{PolicyListOptions.Section}:Policies:{policy.Name}:{odd.Key}", odd.Text);

    private static IEnumerable<(string Key, string Text)> Odd(Policy policy) =>
    [
        .. Unreadable(Values(policy)),
        .. from value in DenyValues(policy)
           where ReadableText.Is(value.Text) && IsForeign(value.Text)
           select (
               value.Key,
               $"'{value.Text}' looks like a regular expression or a template. Only * is special; every other character stands for itself, "
               + "so the rule may never deny anyone"),
        .. from label in At("Runners:RequiredLabels", policy.Runners?.Bounds.RequiredLabels ?? [])
           where label.Text.Contains('*', StringComparison.Ordinal)
           select (label.Key, $"'{label.Text}' is given to every runner as written: * is not special here"),
    ];

    private static IEnumerable<(string Key, string Text)> Unreadable(IEnumerable<(string Key, string Text)> values) =>
        from value in values
        where !ReadableText.Is(value.Text)
        select (
            value.Key,
            "has leading or trailing white space or an invisible character, and is compared exactly; was that copied by mistake?");

    private static IEnumerable<(string Key, string Text)> Values(Policy policy) =>
    [
        .. At("Claims", policy.Claims.Select(rule => rule.Claim.Text), ":Claim"),
        .. policy.Claims.Index().SelectMany(rule => At($"Claims:{rule.Index}:Matches", rule.Item.Matches.Select(pattern => pattern.Text))),
        .. At("DenyClaims", policy.DenyClaims.Select(rule => rule.Claim.Text), ":Claim"),
        .. DenyValues(policy),
        .. At("Runners:Names", policy.Runners?.Names.Select(name => name.Text) ?? []),
        .. At("Runners:Labels", policy.Runners?.Bounds.Labels.Select(label => label.Text) ?? []),
        .. At("Runners:RequiredLabels", policy.Runners?.Bounds.RequiredLabels ?? []),
    ];

    private static IEnumerable<(string Key, string Text)> DenyValues(Policy policy) =>
        policy.DenyClaims.Index().SelectMany(rule =>
            At($"DenyClaims:{rule.Index}:Matches", rule.Item.Matches.Select(pattern => pattern.Text)));

    private static IEnumerable<(string Key, string Text)> At(string key, IEnumerable<string> texts, string end = "") =>
        texts.Index().Select(text => ($"{key}:{text.Index}{end}", text.Item));

    private static bool IsForeign(string text) =>
        Array.Exists(Foreign, part => text.Contains(part, StringComparison.Ordinal))
        || (text.Length > 2 && text[0] == '/' && text[^1] == '/');
}
