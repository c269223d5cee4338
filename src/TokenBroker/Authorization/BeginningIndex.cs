using System.Collections.Frozen;

namespace TokenBroker.Authorization;

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
