using System.Text;
using System.Text.Json;
using TokenBroker.Authentication;

namespace TokenBroker.Authorization;

/// <summary>
/// A pattern with the caller's own claims in it: <c>repos/{/repository}</c>. A claim must be a text and fit for a name, and stands for
/// itself: a <c>*</c> in it would be no name, so it can never widen the pattern.
/// </summary>
internal sealed class ClaimTemplate
{
    private readonly IReadOnlyList<(string Text, ClaimPointer? Claim)> parts;

    private ClaimTemplate(string text, IReadOnlyList<(string Text, ClaimPointer? Claim)> parts)
    {
        Text = text;
        this.parts = parts;
    }

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether there is a claim in it at all.</summary>
    public bool HasClaims => Claims.Any();

    /// <summary>The claims, as they stand in it.</summary>
    public IEnumerable<ClaimPointer> Claims => parts.Select(part => part.Claim).OfType<ClaimPointer>();

    /// <summary>
    /// Whether what one caller's claims make of it may also match what another's do, because the other's claim goes on where its own ends:
    /// of <c>{/pod}-*</c>, <c>web-*</c> is also the beginning of what the pod <c>web-2</c> has. What keeps them apart is a character that no claim can have.
    /// </summary>
    /// <param name="isFit">Which characters a claim may have.</param>
    public bool MayMeetAnothers(Func<char, bool> isFit)
    {
        // Claims and stars in a row, with nothing between them that ends a claim.
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

    /// <summary>The pattern with one and the same text in place of every claim.</summary>
    public string With(string value) => string.Concat(parts.Select(part => part.Claim is null ? part.Text : value));

    /// <summary>Reads a template; false where a brace has no partner, or no claim stands between two.</summary>
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

    /// <summary>The pattern for one caller; null where a claim is missing, or is not fit for a name.</summary>
    /// <param name="payload">The caller's claims.</param>
    /// <param name="isFit">Which characters a claim may have.</param>
    public string? For(JsonElement payload, Func<char, bool> isFit)
    {
        var pattern = new StringBuilder();
        foreach (var (text, claim) in parts)
        {
            if (claim is null)
                pattern.Append(text);
            else if (claim.Find(payload) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } own && own.All(isFit))
                pattern.Append(own);
            else
                return null;
        }

        return pattern.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
