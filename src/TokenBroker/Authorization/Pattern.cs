namespace TokenBroker.Authorization;

/// <summary>
/// A pattern for whole values: <c>*</c> stands for any characters except <c>/</c>, and every other character for itself.
/// There are no regular expressions, so there is nothing to escape and nothing that takes exponential time.
/// </summary>
/// <param name="text">The pattern as configured.</param>
/// <param name="crossesSeparators">
/// Whether <c>*</c> also matches <c>/</c>: a pattern that denies is read as widely as it could be meant.
/// </param>
internal sealed class Pattern(string text, bool crossesSeparators = false)
{
    private const char Any = '*';
    private const char Separator = '/';

    // The lengths of the texts before the first star and after the last. Most values differ there, which is quick to see.
    private readonly int before = text.IndexOf(Any) is >= 0 and var first ? first : text.Length;
    private readonly int after = text.Length - 1 - text.LastIndexOf(Any);

    /// <summary>The pattern as configured.</summary>
    public string Text { get; } = text;

    /// <summary>Whether the pattern consists of stars and slashes only, so that it hardly excludes any value.</summary>
    public bool MatchesEverything => Text.Contains(Any) && Text.All(character => character is Any or Separator);

    /// <summary>The only value that matches; null if there are more.</summary>
    public string? OnlyValue => before == Text.Length ? Text : null;

    /// <summary>What every matching value begins with.</summary>
    public string Beginning => Text[..before];

    /// <summary>What every matching value ends with.</summary>
    public string Ending => Text[^after..];

    /// <summary>Whether any of the patterns matches any of the values.</summary>
    public static bool AnyMatches(IReadOnlyList<Pattern> patterns, IReadOnlyList<string> values)
    {
        // No enumerators: one request may run this for a thousand policies.
        for (var value = 0; value < values.Count; value++)
        {
            for (var pattern = 0; pattern < patterns.Count; pattern++)
            {
                if (patterns[pattern].Matches(values[value]))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Whether the whole value matches, case-sensitively.</summary>
    public bool Matches(ReadOnlySpan<char> value)
    {
        if (before == Text.Length)
            return value.SequenceEqual(Text);
        if (!value.StartsWith(Text.AsSpan(0, before)) || !value.EndsWith(Text.AsSpan(Text.Length - after)))
            return false;

        var pattern = Text.AsSpan();
        int at = 0, position = 0;
        int lastAny = -1, resumeAt = 0;

        while (position < value.Length)
        {
            if (at < pattern.Length && pattern[at] == Any)
            {
                lastAny = at++;
                resumeAt = position;
            }
            else if (at < pattern.Length && pattern[at] == value[position])
            {
                at++;
                position++;
            }
            else if (lastAny >= 0 && (crossesSeparators || value[resumeAt] != Separator))
            {
                // Let the last star take one more character. Earlier stars never have to: the text between two stars was matched as far
                // left as possible, and a separator in it would have stopped the earlier star all the same.
                position = ++resumeAt;
                at = lastAny + 1;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim(Any).IsEmpty;
    }

    /// <summary>Whether some value may match both patterns.</summary>
    public bool MayOverlap(Pattern other)
    {
        if (OnlyValue is { } value)
            return other.Matches(value);
        if (other.OnlyValue is { } otherValue)
            return Matches(otherValue);

        var common = Math.Min(before, other.before);
        return Text.AsSpan(0, common).SequenceEqual(other.Text.AsSpan(0, common)) && MayOverlap(Text, other.Text);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Dynamic programming by rows: whether the rest of one pattern and the rest of the other have a value in common.
    private static bool MayOverlap(string one, string other)
    {
        var below = new bool[other.Length + 1];
        for (var i = one.Length; i >= 0; i--)
        {
            var row = new bool[other.Length + 1];
            for (var j = other.Length; j >= 0; j--)
            {
                row[j] = (i == one.Length && j == other.Length)
                    || (i < one.Length && one[i] == Any && (below[j] || (j < other.Length && other[j] != Separator && row[j + 1])))
                    || (j < other.Length && other[j] == Any && (row[j + 1] || (i < one.Length && one[i] != Separator && below[j])))
                    || (i < one.Length && j < other.Length && one[i] == other[j] && below[j + 1]);
            }

            below = row;
        }

        return below[0];
    }
}
