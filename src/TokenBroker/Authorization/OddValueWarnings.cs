using TokenBroker.Configuration;

namespace TokenBroker.Authorization;

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
