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
