using System.Globalization;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

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
