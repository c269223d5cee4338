using System.Globalization;
using System.Text;

namespace TokenBroker.Configuration;

/// <summary>Texts that read as they are: one that looks like another's would pass for it in lists and logs.</summary>
internal static class ReadableText
{
    // What Unicode calls default-ignorable and gives the category of a letter or a mark: fillers, joiners, inherent vowels, variation selectors.
    // See https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
    private static readonly (int First, int Last)[] Ignorable =
        [(0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF)];

    /// <summary>Whether nothing in it is hidden and no white space stands at its ends.</summary>
    public static bool Is(string text) =>
        text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.EnumerateRunes().Any(IsHidden);

    /// <summary>Whether it breaks a line of a log, makes it read otherwise than it is written, shows as nothing, or shows as whatever a reader's font likes.</summary>
    public static bool IsHidden(Rune rune) => IsHidden(Rune.GetUnicodeCategory(rune)) || Ignorable.Any(range => rune.Value >= range.First && rune.Value <= range.Last);

    private static bool IsHidden(UnicodeCategory category) => category is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
