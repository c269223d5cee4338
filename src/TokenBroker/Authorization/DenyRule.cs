using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>What one claim must not be. In doubt it denies: its <c>*</c> stands for <c>/</c> too, and what no pattern can be compared with is denied.</summary>
public sealed record DenyRule(ClaimPointer Claim, IReadOnlyList<Pattern> Matches)
{
    private readonly string[] numbers = [.. Matches.Select(pattern => NumberText.Normalize(pattern.Text)).OfType<string>()];

    /// <summary>Whether the caller's value, or one element of it, matches, or cannot be compared.</summary>
    public bool Denies(CallerClaims caller)
    {
        var found = caller.DeniableAt(Claim);
        return found.IsInDoubt || Pattern.AnyMatches(Matches, found.Texts) || found.Numbers.Any(numbers.Contains);
    }

    /// <summary>Whether the caller's JWT says nothing there, so that the rule can deny nothing.</summary>
    public bool LacksClaim(CallerClaims caller) => caller.DeniableAt(Claim).IsMissing;
}
