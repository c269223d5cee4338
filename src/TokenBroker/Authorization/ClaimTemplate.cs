using System.Text;
using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// A pattern that contains the caller's own claims: <c>repos/{/repository}</c>. A claim must be a string with characters that names may
/// have, and is taken literally. A <c>*</c> is not such a character, so a claim can never widen the pattern.
/// </summary>
internal sealed class ClaimTemplate
{
    private readonly IReadOnlyList<(string Text, ClaimPointer? Claim)> parts;

    private ClaimTemplate(string text, IReadOnlyList<(string Text, ClaimPointer? Claim)> parts)
    {
        Text = text;
        this.parts = parts;
    }

    /// <summary>The template as configured.</summary>
    public string Text { get; }

    public bool HasClaims => Claims.Any();

    /// <summary>The claims, in order.</summary>
    public IEnumerable<ClaimPointer> Claims => parts.Select(part => part.Claim).OfType<ClaimPointer>();

    /// <summary>
    /// Whether one caller's pattern may also match another caller's names, because the other's claim continues where its own ends: with
    /// <c>{/pod}-*</c>, the pod <c>web</c> has <c>web-*</c>, which also matches the names of the pod <c>web-2</c>. Only a character that no
    /// claim may contain keeps them apart.
    /// </summary>
    /// <param name="isFit">Which characters a claim may contain.</param>
    public bool MayMatchOthers(Func<char, bool> isFit)
    {
        // Count claims and stars in a row, with no character between them that ends a claim.
        var (claims, open) = (0, 0);
        foreach (var (text, claim) in parts)
        {
            if (claim is not null)
                (claims, open) = (claims + 1, open + 1);
            foreach (var character in text)
                (claims, open) = character == '*' ? (claims, open + 1) : isFit(character) ? (claims, open) : (0, 0);
            if (claims > 0 && open > 1)
                return true;
        }

        return false;
    }

    /// <summary>The pattern with the same text in place of every claim.</summary>
    public string With(string value) => string.Concat(parts.Select(part => part.Claim is null ? part.Text : value));

    /// <summary>Parses a template; false if a brace is unmatched, or there is no claim between two braces.</summary>
    public static bool TryParse(string? text, out ClaimTemplate parsed)
    {
        parsed = null!;
        var read = new List<(string, ClaimPointer?)>();
        var rest = (text ?? "").AsSpan();
        while (rest.Length > 0)
        {
            var open = rest.IndexOfAny('{', '}');
            if (open < 0)
            {
                read.Add((rest.ToString(), null));
                break;
            }

            var close = rest.IndexOf('}');
            if (rest[open] == '}' || close < 0 || !ClaimPointer.TryParse(rest[(open + 1)..close].ToString(), out var claim))
                return false;
            if (open > 0)
                read.Add((rest[..open].ToString(), null));
            read.Add(("", claim));
            rest = rest[(close + 1)..];
        }

        parsed = new ClaimTemplate(text ?? "", read);
        return true;
    }

    /// <summary>The pattern for one caller; null if a claim is missing or contains a character that it must not.</summary>
    /// <param name="payload">The caller's claims.</param>
    /// <param name="isFit">Which characters a claim may contain.</param>
    public string? For(JsonElement payload, Func<char, bool> isFit)
    {
        var pattern = new StringBuilder();
        foreach (var (text, claim) in parts)
        {
            if (claim is null)
                pattern.Append(text);
            else if (claim.Find(payload) is { ValueKind: JsonValueKind.String } value
                && value.GetString() is { Length: > 0 } own
                && own.All(isFit))
                pattern.Append(own);
            else
                return null;
        }

        return pattern.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
