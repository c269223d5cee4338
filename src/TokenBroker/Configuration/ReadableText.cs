using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace TokenBroker.Configuration;

/// <summary>Texts without hidden characters: one that looks like another would pass for it in lists and logs.</summary>
internal static class ReadableText
{
    // Default-ignorable characters in the category of a letter or a mark: fillers, joiners, inherent vowels, variation selectors.
    // See https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
    private static readonly (int First, int Last)[] Ignorable =
    [
        (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF),
    ];

    /// <summary>Whether it has no hidden characters and no white space at its ends.</summary>
    public static bool Is(string text) =>
        text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.EnumerateRunes().Any(IsHidden);

    /// <summary>Whether it breaks a log line, changes how text reads, is invisible, or depends on the reader's font.</summary>
    public static bool IsHidden(Rune rune) =>
        IsHidden(Rune.GetUnicodeCategory(rune)) || Ignorable.Any(range => rune.Value >= range.First && rune.Value <= range.Last);

    private static bool IsHidden(UnicodeCategory category) => category is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}

internal static class WebAddress
{
    /// <summary>Parses an absolute http or https address without credentials, query or fragment.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text, UriKind.Absolute, out address)
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
        && address is { UserInfo: "", Query: "", Fragment: "" };
}
