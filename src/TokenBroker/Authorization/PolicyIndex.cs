using System.Collections.Frozen;
using System.Globalization;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// Finds the policies of one issuer that apply to a caller, without trying them all. Each group of policies is indexed by one of its claim
/// rules: only a caller with a value that begins, or ends, like one of the rule's patterns can meet it. Groups without such a rule are
/// tried one by one.
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
                .Select(same => (same.Key.Claim, new BeginningIndex(
                    same.SelectMany(entry => entry.Key!.Rule.Matches, (entry, pattern) => (pattern, entry.Group)),
                    same.Key.IsBackwards))),
        ];

        // The rule whose values the fewest groups share: a rule that all groups have does not distinguish them.
        Key? Choose(PolicyGroup group) => group.Claims.SelectMany(Keys).MinBy(key => Entries(key).Max(entry => sharing[entry]));
    }

    /// <summary>The policies that apply to the caller, in the configuration's order.</summary>
    public IReadOnlyList<Policy> For(CallerClaims caller)
    {
        var candidates = new HashSet<PolicyGroup>(ReferenceEqualityComparer.Instance);
        foreach (var (claim, groups) in indexed)
            groups.AddMatches(caller.TextsOf(claim), candidates);

        var found = new List<(int Position, Policy Policy)>();
        foreach (var group in candidates)
            AddIfFor(group);
        foreach (var group in unindexed)
            AddIfFor(group);

        found.Sort((one, other) => one.Position.CompareTo(other.Position));
        return found.ConvertAll(member => member.Policy);

        void AddIfFor(PolicyGroup group)
        {
            if (group.IsFor(caller))
                found.AddRange(group.Members);
        }
    }

    // Whole values would be found by either key; the forward one need not reverse them.
    private static IEnumerable<Key> Keys(ClaimRule rule)
    {
        if (rule.Matches.Count > 0 && rule.Matches.All(pattern => pattern.Beginning.Length > 0))
            yield return new Key(rule, IsBackwards: false);
        if (rule.Matches.Count > 0
            && rule.Matches.All(pattern => pattern.Ending.Length > 0)
            && rule.Matches.Any(pattern => pattern.OnlyValue is null))
        {
            yield return new Key(rule, IsBackwards: true);
        }
    }

    // What the index distinguishes patterns by: two with the same beginning are one entry.
    private static IEnumerable<(ClaimPointer, bool, string)> Entries(Key key) =>
        key.Rule.Matches.Select(pattern => (key.Rule.Claim, key.IsBackwards, key.IsBackwards ? pattern.Ending : pattern.Beginning));

    private sealed record Key(ClaimRule Rule, bool IsBackwards);
}

/// <summary>Policies with the same rules for a caller's claims, so that one evaluation decides for all of them.</summary>
/// <param name="Members">The policies, each with its position among those of its issuer.</param>
internal sealed record PolicyGroup(IReadOnlyList<(int Position, Policy Policy)> Members)
{
    public IReadOnlyList<ClaimRule> Claims => Members[0].Policy.Claims;

    /// <summary>Groups the policies whose rules are literally the same.</summary>
    public static IReadOnlyList<PolicyGroup> Of(IEnumerable<Policy> policies) =>
        [
            .. policies.Select((policy, position) => (position, policy))
                .GroupBy(member => Key(member.policy))
                .Select(members => new PolicyGroup([.. members])),
        ];

    public bool IsFor(CallerClaims caller) => Members[0].Policy.IsFor(caller);

    private static string Key(Policy policy) => string.Concat(
        Key(policy.Claims.SelectMany(rule => Words(rule.Claim, rule.Matches)).Append("")),
        Key(policy.DenyClaims.SelectMany(rule => Words(rule.Claim, rule.Matches)).Append("")),
        policy.MaximumClaimAge is { } age ? Key([age.Claim.Text, age.Oldest.ToString("c", CultureInfo.InvariantCulture)]) : "");

    private static IEnumerable<string> Words(ClaimPointer claim, IEnumerable<Pattern> matches) =>
        [claim.Text, .. matches.Select(pattern => pattern.Text), ""];

    // Each word is preceded by its length, so no two lists share a key.
    private static string Key(IEnumerable<string> words) =>
        string.Concat(words.Select(word => string.Create(CultureInfo.InvariantCulture, $"{word.Length}:{word}")));
}

/// <summary>
/// Finds the groups of policies with a pattern that a claim's value may match: one that begins, or ends, like the value.
/// </summary>
internal sealed class BeginningIndex
{
    private readonly FrozenDictionary<string, Entry> whole;

    // An ending is the beginning of the reversed text.
    private readonly bool isBackwards;

    // In ordinal order. A value's beginnings sort before it, and each of them is also a beginning of the longest.
    private readonly Entry[] beginnings;

    public BeginningIndex(IEnumerable<(Pattern Pattern, PolicyGroup Group)> patterns, bool isBackwards)
    {
        this.isBackwards = isBackwards;
        var byKind = patterns.ToLookup(
            entry => entry.Pattern.OnlyValue is not null,
            entry => (Text: Read(isBackwards ? entry.Pattern.Ending : entry.Pattern.Beginning), entry.Group));
        whole = Entries(byKind[true]).ToFrozenDictionary(entry => entry.Text, StringComparer.Ordinal);
        beginnings = [.. Entries(byKind[false]).OrderBy(entry => entry.Text, StringComparer.Ordinal)];
        for (var index = 1; index < beginnings.Length; index++)
            beginnings[index].Shorter = Longest(beginnings[index].Text, beginnings[index - 1]);
    }

    /// <summary>Adds the groups with a pattern that one of the texts may match.</summary>
    public void AddMatches(IReadOnlyList<string> texts, HashSet<PolicyGroup> found)
    {
        // Many texts of an array may lead to the same entry.
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
        patterns.GroupBy(pattern => pattern.Text, StringComparer.Ordinal)
            .Select(same => new Entry(same.Key, [.. same.Select(pattern => pattern.Group)]));

    private static Entry? Longest(string text, Entry? from)
    {
        var entry = from;
        while (entry is not null && !text.StartsWith(entry.Text, StringComparison.Ordinal))
            entry = entry.Shorter;
        return entry;
    }

    // The last entry that does not sort after the text.
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

        /// <summary>The longest other entry that this one begins with.</summary>
        public Entry? Shorter { get; set; }
    }
}
