using System.Collections.Frozen;
using System.Globalization;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// Finds the policies of one issuer that are for a caller without trying them all. Each group of policies stands under one of its
/// claim rules: only a caller with a value that begins, or ends, as one of the rule's patterns does can meet it. Groups that have no
/// such rule are tried one by one.
/// </summary>
internal sealed class PolicyIndex
{
    private readonly IReadOnlyList<PolicyGroup> unindexed;
    private readonly IReadOnlyList<(ClaimPointer Claim, BeginningIndex Groups)> indexed;

    public PolicyIndex(IEnumerable<Policy> policies)
    {
        var groups = PolicyGroup.Of(policies);
        var sharing = groups.SelectMany(group => group.Claims.SelectMany(Keys).SelectMany(Entries).Distinct())
            .GroupBy(entry => entry)
            .ToDictionary(entry => entry.Key, entry => entry.Count());

        var placed = groups.Select(group => (Group: group, Key: Choose(group))).ToList();
        unindexed = [.. placed.Where(entry => entry.Key is null).Select(entry => entry.Group)];
        indexed =
        [
            .. placed.Where(entry => entry.Key is not null)
                .GroupBy(entry => (entry.Key!.Rule.Claim, entry.Key.IsBackwards))
                .Select(same => (same.Key.Claim, new BeginningIndex(same.SelectMany(entry => entry.Key!.Rule.Matches, (entry, pattern) => (pattern, entry.Group)), same.Key.IsBackwards))),
        ];

        // The rule whose values the fewest groups share: one that all of them have tells none from another.
        Key? Choose(PolicyGroup group) => group.Claims.SelectMany(Keys).MinBy(key => Entries(key).Max(entry => sharing[entry]));
    }

    /// <summary>The policies that are for the caller, in their order.</summary>
    public IReadOnlyList<Policy> For(CallerClaims caller)
    {
        var candidates = new HashSet<PolicyGroup>(ReferenceEqualityComparer.Instance);
        foreach (var (claim, groups) in indexed)
            groups.Find(caller.TextsOf(claim), candidates);

        var found = new List<(int Place, Policy Policy)>();
        foreach (var group in candidates)
            AddIfFor(group);
        foreach (var group in unindexed)
            AddIfFor(group);

        found.Sort((one, other) => one.Place.CompareTo(other.Place));
        return found.ConvertAll(member => member.Policy);

        void AddIfFor(PolicyGroup group)
        {
            if (group.IsFor(caller))
                found.AddRange(group.Members);
        }
    }

    // Whole values are found either way, and forwards without reading them backwards.
    private static IEnumerable<Key> Keys(ClaimRule rule)
    {
        if (rule.Matches.Count > 0 && rule.Matches.All(pattern => pattern.Beginning.Length > 0))
            yield return new Key(rule, IsBackwards: false);
        if (rule.Matches.Count > 0 && rule.Matches.All(pattern => pattern.Ending.Length > 0) && rule.Matches.Any(pattern => pattern.OnlyValue is null))
            yield return new Key(rule, IsBackwards: true);
    }

    // By what the index tells patterns apart: two that begin alike are one to it.
    private static IEnumerable<(ClaimPointer, bool, string)> Entries(Key key) =>
        key.Rule.Matches.Select(pattern => (key.Rule.Claim, key.IsBackwards, key.IsBackwards ? pattern.Ending : pattern.Beginning));

    private sealed record Key(ClaimRule Rule, bool IsBackwards);
}

/// <summary>Policies that ask the same of a caller's claims, so that one answer is for all of them.</summary>
/// <param name="Members">The policies, each with its place among those of its issuer.</param>
internal sealed record PolicyGroup(IReadOnlyList<(int Place, Policy Policy)> Members)
{
    /// <summary>What they ask of claims.</summary>
    public IReadOnlyList<ClaimRule> Claims => Members[0].Policy.Claims;

    /// <summary>Puts policies together that say the same, to the letter.</summary>
    public static IReadOnlyList<PolicyGroup> Of(IEnumerable<Policy> policies) =>
        [.. policies.Select((policy, place) => (place, policy)).GroupBy(member => Key(member.policy)).Select(members => new PolicyGroup([.. members]))];

    /// <summary>Whether the caller is one of those that the policies are for.</summary>
    public bool IsFor(CallerClaims caller) => Members[0].Policy.IsFor(caller);

    private static string Key(Policy policy) => string.Concat(
        Key(policy.Claims.SelectMany(rule => Words(rule.Claim, rule.Matches)).Append("")),
        Key(policy.DenyClaims.SelectMany(rule => Words(rule.Claim, rule.Matches)).Append("")),
        policy.MaximumClaimAge is { } age ? Key([age.Claim.Text, age.Oldest.ToString("c", CultureInfo.InvariantCulture)]) : "");

    private static IEnumerable<string> Words(ClaimPointer claim, IEnumerable<Pattern> matches) => [claim.Text, .. matches.Select(pattern => pattern.Text), ""];

    // With its length before each word, no two lists have one key.
    private static string Key(IEnumerable<string> words) => string.Concat(words.Select(word => string.Create(CultureInfo.InvariantCulture, $"{word.Length}:{word}")));
}

/// <summary>Finds the groups of policies one of whose patterns of a claim a value may match: those that begin, or end, as the value does.</summary>
internal sealed class BeginningIndex
{
    private readonly FrozenDictionary<string, Entry> whole;

    // An ending is the beginning of the text read backwards.
    private readonly bool isBackwards;

    // In ordinal order. What a value begins with stands before it, and all such beginnings are beginnings of the longest of them.
    private readonly Entry[] beginnings;

    public BeginningIndex(IEnumerable<(Pattern Pattern, PolicyGroup Group)> patterns, bool isBackwards)
    {
        this.isBackwards = isBackwards;
        var byKind = patterns.ToLookup(entry => entry.Pattern.OnlyValue is not null, entry => (Text: Read(isBackwards ? entry.Pattern.Ending : entry.Pattern.Beginning), entry.Group));
        whole = Entries(byKind[true]).ToFrozenDictionary(entry => entry.Text, StringComparer.Ordinal);
        beginnings = [.. Entries(byKind[false]).OrderBy(entry => entry.Text, StringComparer.Ordinal)];
        for (var index = 1; index < beginnings.Length; index++)
            beginnings[index].Shorter = Longest(beginnings[index].Text, beginnings[index - 1]);
    }

    /// <summary>Adds the groups that one of the texts may meet.</summary>
    public void Find(IReadOnlyList<string> texts, HashSet<PolicyGroup> found)
    {
        // Many texts of an array may lead to one entry.
        var seen = new HashSet<Entry>(ReferenceEqualityComparer.Instance);
        for (var index = 0; index < texts.Count; index++)
        {
            var text = Read(texts[index]);
            if (whole.TryGetValue(text, out var exact) && seen.Add(exact))
                found.UnionWith(exact.Groups);
            for (var entry = Longest(text, Before(text)); entry is not null && seen.Add(entry); entry = entry.Shorter)
                found.UnionWith(entry.Groups);
        }
    }

    private string Read(string text) => isBackwards
        ? string.Create(text.Length, text, static (reversed, forwards) =>
        {
            forwards.CopyTo(reversed);
            reversed.Reverse();
        })
        : text;

    private static IEnumerable<Entry> Entries(IEnumerable<(string Text, PolicyGroup Group)> patterns) =>
        patterns.GroupBy(pattern => pattern.Text, StringComparer.Ordinal).Select(same => new Entry(same.Key, [.. same.Select(pattern => pattern.Group)]));

    private static Entry? Longest(string text, Entry? from)
    {
        var entry = from;
        while (entry is not null && !text.StartsWith(entry.Text, StringComparison.Ordinal))
            entry = entry.Shorter;
        return entry;
    }

    // The last one that is not after the text.
    private Entry? Before(string text)
    {
        int low = 0, high = beginnings.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(beginnings[middle].Text, text) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? null : beginnings[low - 1];
    }

    private sealed class Entry(string text, IReadOnlyList<PolicyGroup> groups)
    {
        public string Text { get; } = text;

        public IReadOnlyList<PolicyGroup> Groups { get; } = groups;

        /// <summary>The longest other beginning that this one begins with.</summary>
        public Entry? Shorter { get; set; }
    }
}
