using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Authorization;

namespace TokenBroker.Tests.Authorization;

public sealed class PatternOverlapTests
{
    [Theory]
    [InlineData("vm-*", "vm-1", true)]
    [InlineData("vm-*", "*-1", true)]
    [InlineData("vm-*", "prod-*", false)]
    [InlineData("a*b", "b*a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("*/*", "a*", false)]
    [InlineData("repos/octo-org/*", "repos/*/hello", true)]
    [InlineData("repos/octo-org/*", "repos/octo-two/*", false)]
    [InlineData("a", "A", false)]
    public void Two_patterns_meet_where_a_value_matches_both(string one, string other, bool expected)
    {
        Assert.Equal(expected, new Pattern(one).MayOverlap(new Pattern(other)));
        Assert.Equal(expected, new Pattern(other).MayOverlap(new Pattern(one)));
    }

    [Fact]
    public void What_matches_both_is_never_overlooked()
    {
        var texts = Gen.Elements('a', 'b', '/', '*').ArrayOf().Select(letters => new string(letters)).ToArbitrary();
        var seen = 0;

        // Values are patterns with each star replaced, or most would match nothing.
        Prop.ForAll(texts, texts, Gen.Elements("", "a", "b", "ab", "/").ToArbitrary(), (one, other, star) =>
        {
            var value = one.Replace("*", star, StringComparison.Ordinal);
            if (!new Pattern(one).Matches(value) || !new Pattern(other).Matches(value))
                return true;
            seen++;
            return new Pattern(one).MayOverlap(new Pattern(other)) && new Pattern(other).MayOverlap(new Pattern(one));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
        Assert.True(seen > 100, $"Only {seen} values matched both.");
    }

    [Fact]
    public void For_short_patterns_it_is_so_exactly_where_there_is_such_a_value()
    {
        // Two patterns of three characters that meet at all meet in a value of at most six.
        var values = Words("ab/", 6).ToList();
        var patterns = Words("ab/*", 3).Select(text => (Pattern: new Pattern(
            text), Matches: values.Where(value => new Pattern(text).Matches(value)).ToHashSet(StringComparer.Ordinal))).ToList();
        foreach (var (one, ofOne) in patterns)
        {
            foreach (var (other, ofOther) in patterns)
                Assert.True(one.MayOverlap(other) == ofOne.Overlaps(ofOther), $"{one} and {other}");
        }
    }

    private static IEnumerable<string> Words(string letters, int longest) =>
        longest == 0 ? [""] : Words(letters, longest - 1)
            .SelectMany(word => word.Length < longest - 1 ? [word] : letters.Select(letter => word + letter).Prepend(word));
}
