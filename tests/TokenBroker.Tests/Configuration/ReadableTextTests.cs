using System.Text;
using TokenBroker.Configuration;

namespace TokenBroker.Tests.Configuration;

public sealed class ReadableTextTests
{
    [Theory]
    [InlineData(0x001B, "a control character")]
    [InlineData(0x00AD, "a soft hyphen")]
    [InlineData(0x200D, "a joiner")]
    [InlineData(0x202E, "an override of direction")]
    [InlineData(0x2028, "a line separator")]
    [InlineData(0x2029, "a paragraph separator")]
    [InlineData(0xE0041, "a tag")]
    [InlineData(0x034F, "a grapheme joiner")]
    [InlineData(0x115F, "a Hangul filler before a syllable")]
    [InlineData(0x1160, "a Hangul filler within a syllable")]
    [InlineData(0x17B4, "an inherent vowel")]
    [InlineData(0x17B5, "an inherent vowel")]
    [InlineData(0x180B, "a Mongolian variation selector")]
    [InlineData(0x180F, "a Mongolian variation selector")]
    [InlineData(0x3164, "a Hangul filler")]
    [InlineData(0xFE00, "a variation selector")]
    [InlineData(0xFE0F, "a variation selector")]
    [InlineData(0xFFA0, "a half-width Hangul filler")]
    [InlineData(0xE0100, "a variation selector")]
    [InlineData(0xE01EF, "a variation selector")]
    [InlineData(0x2065, "ignorable and unassigned")]
    [InlineData(0xE0FFF, "ignorable and unassigned")]
    [InlineData(0xE000, "private use")]
    [InlineData(0xF8FF, "private use")]
    [InlineData(0xF0000, "private use")]
    [InlineData(0x10FFFD, "private use")]
    [InlineData(0x0378, "unassigned")]
    [InlineData(0xFDD0, "a noncharacter")]
    [InlineData(0xFFFF, "a noncharacter")]
    [InlineData(0x1FFFE, "a noncharacter")]
    [InlineData(0x10FFFF, "a noncharacter")]
    public void A_character_is_hidden(int character, string what)
    {
        var rune = new Rune(character);
        Assert.True(ReadableText.IsHidden(rune), what);
        Assert.False(ReadableText.Is($"a{rune}b"), what);
    }

    [Theory]
    [InlineData("gpu-1_x.y (large)")]
    [InlineData("größe-École-İstanbul")]
    [InlineData("e\u0301 combining")]
    [InlineData("Ελληνικά-Русский-Հայերեն-ქართული")]
    [InlineData("עִבְרִית-العَرَبِيَّة-ܣܘܪܝܝܐ")]
    [InlineData("हिन्दी-বাংলা-தமிழ்-ไทย-ខ្មែរ-မြန်မာ-བོད")]
    [InlineData("አማርኛ-ᏣᎳᎩ-ᠮᠣᠩᠭᠣᠯ-ⵜⵉⴼⵉⵏⴰⵖ")]
    [InlineData("漢字-かな-カナ-한국어-\u1112\u1161\u11AB-𠀀")]
    [InlineData("🚀-👍🏽-🇩🇪")]
    [InlineData("one\u00A0two\u3000three")]
    public void Whatever_people_write_is_readable(string text) => Assert.True(ReadableText.Is(text));

    [Theory]
    [InlineData("")]
    [InlineData(" a")]
    [InlineData("a\u3000")]
    public void White_space_at_an_end_is_not_seen(string text) => Assert.False(ReadableText.Is(text));
}
