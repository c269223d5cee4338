using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Scopes that a policy names: one of the three forms, with <c>*</c> in its names, without regard to case.</summary>
public sealed class ScopePattern
{
    private readonly Pattern pattern;
    private readonly Pattern owner;

    private ScopePattern(ScopeKind kind, Pattern pattern, Pattern owner)
    {
        Kind = kind;
        this.pattern = pattern;
        this.owner = owner;
    }

    /// <summary>Which of the three forms it is.</summary>
    public ScopeKind Kind { get; }

    /// <summary>The pattern in lower case.</summary>
    public string Text => pattern.Text;

    /// <summary>Reads a pattern; false if it is none of the three forms or holds a character that no name has.</summary>
    public static bool TryParse(string? text, out ScopePattern parsed)
    {
        parsed = null!;
        var parts = (text ?? "").Split('/');
        ScopeKind? form = (parts[0].ToLowerInvariant(), parts.Length) switch
        {
            ("repos", 3) => ScopeKind.Repository,
            ("orgs", 2) => ScopeKind.Organization,
            ("enterprises", 2) => ScopeKind.Enterprise,
            _ => null,
        };
        if (form is null || !IsPart(parts[1], ScopeNames.IsAccountCharacter) || !parts[2..].All(part => IsPart(part, ScopeNames.IsRepositoryCharacter)))
            return false;

        parsed = new ScopePattern(form.Value, new Pattern(text!.ToLowerInvariant()), new Pattern(parts[1].ToLowerInvariant()));
        return true;
    }

    /// <summary>Whether the pattern names the scope.</summary>
    public bool Matches(Scope scope) => scope.Kind == Kind && pattern.Matches(scope.Path);

    /// <summary>Whether it names the account, or repositories of it; an enterprise is no account.</summary>
    public bool MatchesOwner(string account) => Kind != ScopeKind.Enterprise && owner.Matches(account.ToLowerInvariant());

    /// <summary>Whether there may be a scope that both name.</summary>
    public bool MayOverlap(ScopePattern other) => Kind == other.Kind && pattern.MayOverlap(other.pattern);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsPart(string part, Func<char, bool> isAllowed) =>
        part.Length is > 0 and <= ScopeNames.MaximumLength && part.All(character => character == '*' || isAllowed(character));
}
