using System.Text.Json;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>Scopes that a policy names: a pattern, or one for each caller by its own claims.</summary>
internal sealed class ScopeRule
{
    // What one claim may stand for.
    private static readonly string[] Samples = ["a", "a/a"];

    private readonly ScopePattern? fixedPattern;
    private readonly ScopePattern widest;

    private ScopeRule(ClaimTemplate template, ScopePattern? fixedPattern, ScopePattern widest)
    {
        Template = template;
        this.fixedPattern = fixedPattern;
        this.widest = widest;
    }

    /// <summary>The rule as it was written.</summary>
    public string Text => Template.Text;

    /// <summary>The rule with the claims that stand in it.</summary>
    public ClaimTemplate Template { get; }

    /// <summary>Which of the three forms it is.</summary>
    public ScopeKind Kind => widest.Kind;

    /// <summary>Reads a rule; false if it is none of the three forms, whatever the claims in it may be.</summary>
    public static bool TryParse(string? text, out ScopeRule parsed)
    {
        parsed = null!;
        if (!ClaimTemplate.TryParse(text, out var template))
            return false;
        if (!template.HasClaims)
        {
            if (!ScopePattern.TryParse(text, out var pattern))
                return false;
            parsed = new ScopeRule(template, pattern, pattern);
            return true;
        }

        foreach (var sample in Samples)
        {
            // With every claim a name, or every claim an owner and a repository.
            if (ScopePattern.TryParse(template.With(sample), out _) && ScopePattern.TryParse(template.With(sample.Replace('a', '*')), out var widest))
            {
                parsed = new ScopeRule(template, fixedPattern: null, widest);
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it names the scope for this caller.</summary>
    public bool Matches(Scope scope, JsonElement claims) => For(claims)?.Matches(scope) is true;

    /// <summary>Whether it names the account, or repositories of it, for this caller.</summary>
    public bool MatchesOwner(string account, JsonElement claims) => For(claims)?.MatchesOwner(account) is true;

    /// <summary>Whether there may be a scope that both name.</summary>
    public bool MayOverlap(ScopeRule other) => widest.MayOverlap(other.widest);

    /// <summary>What it names for this caller; null if nothing.</summary>
    public ScopePattern? For(JsonElement claims) =>
        fixedPattern ?? (ScopePattern.TryParse(Template.For(claims, IsFit), out var own) ? own : null);

    /// <inheritdoc/>
    public override string ToString() => Text;

    // GitHub Actions names a repository with its owner: octo-org/hello.
    private static bool IsFit(char character) => ScopeNames.IsRepositoryCharacter(character) || character == '/';
}

/// <summary>Scopes that a policy names: one of the three forms, with <c>*</c> in its names, without regard to case.</summary>
internal sealed class ScopePattern
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
