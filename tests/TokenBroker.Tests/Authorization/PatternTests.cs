using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using TokenBroker.Authorization;

namespace TokenBroker.Tests.Authorization;

public sealed class PatternTests
{
    [Theory]
    [InlineData("ci-prod", "ci-prod", true)]
    [InlineData("ci-prod", "xci-prod", false)]
    [InlineData("ci-prod", "ci-prodx", false)]
    [InlineData("ci-prod", "CI-PROD", false)]
    [InlineData("good/*", "evilgood/x", false)]
    [InlineData("good/*", "good/x", true)]
    [InlineData("good/*", "good/x/y", false)]
    [InlineData("good/*", "good/", true)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("*", "a/b", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a*b*c", "aXbYc", true)]
    [InlineData("a*b*c", "abbbc", true)]
    [InlineData("a*b*c", "a/bc", false)]
    [InlineData("*.example", "a.b.example", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("repo:*/*:ref", "repo:o/r:ref", true)]
    [InlineData("**", "ab", true)]
    [InlineData("a*", "a\nb", true)]
    public void A_pattern_matches_the_whole_value(string pattern, string value, bool expected) =>
        Assert.Equal(expected, new Pattern(pattern).Matches(value));

    [Theory]
    [InlineData("*", "a/b/c", true)]
    [InlineData("refs/pull/*", "refs/pull/7/merge", true)]
    [InlineData("*/merge", "refs/pull/7/merge", true)]
    [InlineData("a*b*c", "a/b/bc", true)]
    [InlineData("a*b", "a/bc", false)]
    [InlineData("a/*", "a", false)]
    public void A_star_that_denies_crosses_a_slash(string pattern, string value, bool expected) =>
        Assert.Equal(expected, new Pattern(pattern, crossesSeparators: true).Matches(value));

    [Theory]
    [InlineData("*", true)]
    [InlineData("*/*", true)]
    [InlineData("**", true)]
    [InlineData("a*", false)]
    [InlineData("", false)]
    [InlineData("/", false)]
    public void A_pattern_without_a_literal_character_excludes_nothing(string pattern, bool expected) =>
        Assert.Equal(expected, new Pattern(pattern).MatchesEverything);

    [Theory]
    [InlineData(false, "[^/]*")]
    [InlineData(true, ".*")]
    public void Every_match_is_the_one_that_the_definition_gives(bool crossesSeparators, string star)
    {
        // Few letters, so that stars, slashes and repetitions meet often.
        var texts = Gen.Elements('a', 'b', '/', '*').ArrayOf().Select(letters => new string(letters)).ToArbitrary();
        Prop.ForAll(texts, texts, (pattern, value) =>
        {
            var definition = "\\A" + Regex.Escape(pattern).Replace("\\*", star, StringComparison.Ordinal) + "\\z";
            return new Pattern(pattern, crossesSeparators).Matches(value) == Regex.IsMatch(
                value,
                definition,
                RegexOptions.CultureInvariant,
                TimeSpan.FromSeconds(5));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_value_matches_itself_and_no_longer_text() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), text =>
        {
            var value = text.Get.Replace("*", "", StringComparison.Ordinal);
            return new Pattern(value).Matches(value)
                && !new Pattern(value).Matches(value + "x")
                && !new Pattern(value).Matches("x" + value);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
