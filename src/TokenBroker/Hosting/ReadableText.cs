using System.Globalization;
using System.Text;

namespace TokenBroker.Hosting;

/// <summary>Texts that read as they are: one that looks like another's would pass for it in lists and logs.</summary>
internal static class ReadableText
{
    /// <summary>Whether nothing in it is hidden and no white space stands at its ends.</summary>
    public static bool Is(string text) =>
        text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.EnumerateRunes().Any(IsHidden);

    /// <summary>Whether it breaks a line of a log, or makes it read otherwise than it is written.</summary>
    public static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
