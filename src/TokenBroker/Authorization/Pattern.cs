namespace TokenBroker.Authorization;

/// <summary>
/// A whole-value pattern: <c>*</c> stands for any run of characters but <c>/</c>, everything else for itself.
/// There are no regular expressions, so there is nothing to escape and nothing that takes exponential time.
/// </summary>
public sealed class Pattern(string text)
{
    private const char Any = '*';
    private const char Separator = '/';

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; } = text;

    /// <summary>Whether the pattern excludes no value: it has no character of its own.</summary>
    public bool MatchesEverything => Text.Contains(Any) && Text.All(character => character is Any or Separator);

    /// <summary>Whether the whole value matches, compared exactly.</summary>
    public bool Matches(ReadOnlySpan<char> value)
    {
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
            else if (lastAny >= 0 && value[resumeAt] != Separator)
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

    /// <inheritdoc/>
    public override string ToString() => Text;
}
