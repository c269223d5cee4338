using System.Globalization;

namespace TokenBroker.Runners;

/// <summary>Texts that read as they are: a name or a label that looks like another's would pass for it in lists and logs.</summary>
internal static class PlainText
{
    /// <summary>Whether nothing in it is invisible, no control or format character, and no white space stands at its ends.</summary>
    public static bool Is(string text) =>
        text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && text.EnumerateRunes().All(rune => Rune(rune));

    private static bool Rune(System.Text.Rune rune) => System.Text.Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate);
}
