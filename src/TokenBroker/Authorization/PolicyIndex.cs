namespace TokenBroker.Authorization;

/// <summary>
/// Finds the policies of one issuer that are for a caller without trying them all. Each group of policies stands under one of its
/// claim rules: only a caller with a value that begins as one of the rule's patterns does can meet it. Groups that have no such rule
/// are tried one by one.
/// </summary>
internal sealed class PolicyIndex
{
    private readonly IReadOnlyList<PolicyGroup> unindexed;
    private readonly IReadOnlyList<(ClaimPointer Claim, BeginningIndex Groups)> indexed;

    public PolicyIndex(IEnumerable<Policy> policies)
    {
        var groups = PolicyGroup.Of(policies);
        var sharing = groups.SelectMany(group => group.Claims.Where(IsSelective).SelectMany(Entries).Distinct())
            .GroupBy(entry => entry)
            .ToDictionary(entry => entry.Key, entry => entry.Count());

        var placed = groups.Select(group => (Group: group, Rule: Choose(group))).ToList();
        unindexed = [.. placed.Where(entry => entry.Rule is null).Select(entry => entry.Group)];
        indexed =
        [
            .. placed.Where(entry => entry.Rule is not null)
                .GroupBy(entry => entry.Rule!.Claim)
                .Select(claim => (claim.Key, new BeginningIndex(claim.SelectMany(entry => entry.Rule!.Matches, (entry, pattern) => (pattern, entry.Group))))),
        ];

        // The rule whose values the fewest groups share: one that all of them have tells none from another.
        ClaimRule? Choose(PolicyGroup group) => group.Claims.Where(IsSelective).MinBy(rule => Entries(rule).Max(entry => sharing[entry]));
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

    private static bool IsSelective(ClaimRule rule) => rule.Matches.Count > 0 && rule.Matches.All(pattern => pattern.Beginning.Length > 0);

    private static IEnumerable<(ClaimPointer, string)> Entries(ClaimRule rule) => rule.Matches.Select(pattern => (rule.Claim, pattern.Text));
}
