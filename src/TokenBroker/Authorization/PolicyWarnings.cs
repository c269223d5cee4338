using TokenBroker.Configuration;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>What is allowed and unwise in policies.</summary>
internal static class PolicyWarnings
{
    private static readonly Operation[] ChangesExisting = [Operation.Labels, Operation.Delete];

    /// <summary>What is unwise about the policies.</summary>
    public static IEnumerable<ConfigurationWarning> Find(PolicySet policies) =>
    [
        .. Unbound(policies).Select(pair => Warning(pair.Bounded, "Runners",
            $"does not hold callers who get a registration token on the same scope by policy '{pair.Unbounded.Name}': with it they can register any runner there")),
        .. from policy in policies.All
           where policy.Claims.All(rule => rule.Matches.Any(pattern => pattern.MatchesEverything))
           select Warning(policy, "Claims", "match whatever the issuer says, so every caller of it is allowed; is the issuer yours alone?"),
        .. from policy in policies.All
           from scope in policy.Scopes
           where NamesEveryOwner(scope)
           select Warning(policy, "Scopes", $"'{scope}' is wherever the App is installed, also where it will be"),
        .. from policy in policies.All
           where ChangesExisting.Any(policy.Operations.Contains) && policy.Runners is { } runners && runners.Names.Any(name => new Pattern(name.Text).MatchesEverything)
           select Warning(policy, "Runners:Names", "is every name, so its callers may change or delete every runner of its scopes"),
        .. policies.All.SelectMany(OddValueWarnings.Find),
        .. from policy in policies.All
           from name in policy.Runners?.Shared ?? []
           select Warning(policy, "Runners:Names",
               $"'{name}' may also be another caller's runner, whose claim goes on where this one's ends: of {{/claim}}-*, 'web' has the runners of 'web-2'. End it with the claim, or take one without a - in it, such as an id"),
    ];

    /// <summary>
    /// Pairs of policies of which the first bounds the runners that a caller makes, and the second gives what may be the same caller a
    /// registration token on what may be the same scope: with it, any runner can be made there.
    /// </summary>
    public static IEnumerable<(Policy Bounded, Policy Unbounded)> Unbound(PolicySet policies) =>
        from bounded in policies.All
        where bounded.Operations.Contains(Operation.JitConfiguration) || bounded.Operations.Contains(Operation.Labels) || bounded.Operations.Contains(Operation.Delete)
        from unbounded in policies.Of(bounded.Issuer)
        where unbounded.Operations.Contains(Operation.RegistrationToken)
            && bounded.Scopes.Any(one => unbounded.Scopes.Any(one.MayOverlap))
            && bounded.Claims.All(one => unbounded.Claims.All(one.MayMeetAlso))
        select (bounded, unbounded);

    private static bool NamesEveryOwner(ScopeRule scope) => new Pattern(scope.Text.Split('/')[1]).MatchesEverything;

    private static ConfigurationWarning Warning(Policy policy, string key, string text) => new($"{PolicyListOptions.Section}:Policies:{policy.Name}:{key}", text);
}

/// <summary>Values in policies that hardly anything can match: they came with a slip of copying, or are patterns of another language.</summary>
internal static class OddValueWarnings
{
    // Regular expressions and templates have these. Only here nobody notices: a claim that is wanted and never matches lets nobody in.
    private static readonly string[] Foreign = ["^", "$", "|", "[", "]", "?", "{", "}", ".*"];

    /// <summary>What of one policy is odd.</summary>
    public static IEnumerable<ConfigurationWarning> Find(Policy policy) =>
        from odd in Odd(policy)
        select new ConfigurationWarning($"{PolicyListOptions.Section}:Policies:{policy.Name}:{odd.Key}", odd.Text);

    private static IEnumerable<(string Key, string Text)> Odd(Policy policy) =>
    [
        .. Unreadable(Values(policy)),
        .. from value in DenyValues(policy)
           where ReadableText.Is(value.Text) && IsForeign(value.Text)
           select (value.Key, $"'{value.Text}' looks like a regular expression or a template. Only * is special; every other character stands for itself, so the rule may deny nobody"),
        .. from label in At("Runners:RequiredLabels", policy.Runners?.Bounds.RequiredLabels ?? [])
           where label.Text.Contains('*', StringComparison.Ordinal)
           select (label.Key, $"'{label.Text}' is given to every runner as it is: * is not special here"),
    ];

    private static IEnumerable<(string Key, string Text)> Unreadable(IEnumerable<(string Key, string Text)> values) =>
        from value in values
        where !ReadableText.Is(value.Text)
        select (value.Key, "has white space at an end or a character that cannot be seen, and is compared exactly; was it copied with it?");

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
        policy.DenyClaims.Index().SelectMany(rule => At($"DenyClaims:{rule.Index}:Matches", rule.Item.Matches.Select(pattern => pattern.Text)));

    private static IEnumerable<(string Key, string Text)> At(string key, IEnumerable<string> texts, string end = "") =>
        texts.Index().Select(text => ($"{key}:{text.Index}{end}", text.Item));

    private static bool IsForeign(string text) =>
        Array.Exists(Foreign, part => text.Contains(part, StringComparison.Ordinal)) || (text.Length > 2 && text[0] == '/' && text[^1] == '/');
}
