using System.Text.Json;
using TokenBroker.Scopes;

namespace TokenBroker.Authorization;

/// <summary>An entry of a policy's scopes: a fixed pattern, or a template that each caller's claims complete.</summary>
internal sealed class ScopeRule
{
    // What a claim may contain: a name, or an owner and a repository.
    private static readonly string[] Samples = ["a", "a/a"];

    private readonly ScopePattern? fixedPattern;
    private readonly ScopePattern widest;

    private ScopeRule(ClaimTemplate template, ScopePattern? fixedPattern, ScopePattern widest)
    {
        Template = template;
        this.fixedPattern = fixedPattern;
        this.widest = widest;
    }

    /// <summary>The rule as configured.</summary>
    public string Text => Template.Text;

    public ClaimTemplate Template { get; }

    /// <summary>The kind of scope, the same for every caller.</summary>
    public ScopeKind Kind => widest.Kind;

    /// <summary>Parses a rule; false if it cannot be a scope, whatever the claims in it contain.</summary>
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
            // Every claim is taken for a name, or every claim for an owner and a repository.
            if (ScopePattern.TryParse(template.With(sample), out _)
                && ScopePattern.TryParse(template.With(sample.Replace('a', '*')), out var widest))
            {
                parsed = new ScopeRule(template, fixedPattern: null, widest);
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it covers the scope, for this caller.</summary>
    public bool Matches(Scope scope, JsonElement claims) => For(claims)?.Matches(scope) is true;

    /// <summary>Whether it covers the account or some of its repositories, for this caller.</summary>
    public bool MatchesOwner(string account, JsonElement claims) => For(claims)?.MatchesOwner(account) is true;

    /// <summary>Whether some scope may be covered by both.</summary>
    public bool MayOverlap(ScopeRule other) => widest.MayOverlap(other.widest);

    /// <summary>The pattern for this caller; null if the caller lacks a claim.</summary>
    public ScopePattern? For(JsonElement claims) =>
        fixedPattern ?? (ScopePattern.TryParse(Template.For(claims, IsFit), out var own) ? own : null);

    /// <inheritdoc/>
    public override string ToString() => Text;

    // GitHub Actions names a repository with its owner: octo-org/hello.
    private static bool IsFit(char character) => ScopeNames.IsRepositoryCharacter(character) || character == '/';
}

/// <summary>A pattern of scopes of one kind, with <c>*</c> in the names, compared case-insensitively.</summary>
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

    /// <summary>The kind of scope, the same for every caller.</summary>
    public ScopeKind Kind { get; }

    /// <summary>The pattern in lower case.</summary>
    public string Text => pattern.Text;

    /// <summary>Parses a pattern; false if it is not a scope or contains a character that no name has.</summary>
    public static bool TryParse(string? text, out ScopePattern parsed)
    {
        parsed = null!;
        var parts = (text ?? "").Split('/');
        ScopeKind? kind = (parts[0].ToLowerInvariant(), parts.Length) switch
        {
            ("repos", 3) => ScopeKind.Repository,
            ("orgs", 2) => ScopeKind.Organization,
            ("enterprises", 2) => ScopeKind.Enterprise,
            _ => null,
        };
        if (kind is null
            || !IsPart(parts[1], ScopeNames.IsAccountCharacter)
            || !parts[2..].All(part => IsPart(part, ScopeNames.IsRepositoryCharacter)))
        {
            return false;
        }

        parsed = new ScopePattern(kind.Value, new Pattern(text!.ToLowerInvariant()), new Pattern(parts[1].ToLowerInvariant()));
        return true;
    }

    public bool Matches(Scope scope) => scope.Kind == Kind && pattern.Matches(scope.Path);

    /// <summary>Whether it covers the account or some of its repositories; an enterprise is not an account.</summary>
    public bool MatchesOwner(string account) => Kind != ScopeKind.Enterprise && owner.Matches(account.ToLowerInvariant());

    /// <summary>Whether some scope may be covered by both.</summary>
    public bool MayOverlap(ScopePattern other) => Kind == other.Kind && pattern.MayOverlap(other.pattern);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsPart(string part, Func<char, bool> isAllowed) =>
        part.Length is > 0 and <= ScopeNames.MaximumLength && part.All(character => character == '*' || isAllowed(character));
}
