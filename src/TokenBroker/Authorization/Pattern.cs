namespace TokenBroker.Authorization;

/// <summary>
/// A whole-value pattern: <c>*</c> stands for any run of characters but <c>/</c>, everything else for itself.
/// There are no regular expressions, so there is nothing to escape and nothing that takes exponential time.
/// </summary>
/// <param name="text">The pattern as it was written.</param>
/// <param name="crossesSeparators">Whether <c>*</c> stands for <c>/</c> too: where a pattern denies, what it may mean is denied.</param>
internal sealed class Pattern(string text, bool crossesSeparators = false)
{
    private const char Any = '*';
    private const char Separator = '/';

    // What stands before the first star, and after the last: most values differ there, and comparing them takes no steps.
    private readonly int before = text.IndexOf(Any) is >= 0 and var first ? first : text.Length;
    private readonly int after = text.Length - 1 - text.LastIndexOf(Any);

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; } = text;

    /// <summary>Whether the pattern excludes no value: it has no character of its own.</summary>
    public bool MatchesEverything => Text.Contains(Any) && Text.All(character => character is Any or Separator);

    /// <summary>The one value that matches; null where there are more.</summary>
    public string? OnlyValue => before == Text.Length ? Text : null;

    /// <summary>What every value that matches begins with.</summary>
    public string Beginning => Text[..before];

    /// <summary>What every value that matches ends with.</summary>
    public string Ending => Text[^after..];

    /// <summary>Whether one of the patterns matches one of the values.</summary>
    public static bool AnyMatches(IReadOnlyList<Pattern> patterns, IReadOnlyList<string> values)
    {
        // Without enumerators: a request may ask this of a thousand policies.
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

    /// <summary>Whether the whole value matches, compared exactly.</summary>
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
                // Let the last star take one character more. An earlier star never has to: what lies between two stars was matched
                // as far left as it goes, and a separator inside it would have stopped that star all the same.
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

    /// <summary>Whether there may be a value that both match.</summary>
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

    // Row by row: whether what is left of one pattern and what is left of the other have a value in common.
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
