using System.Text.Json;
using TokenBroker.Authentication;
using TokenBroker.Authorization;

namespace TokenBroker.Tests.Authorization;

public sealed class ClaimRuleTests
{
    private const string Payload = """
        {
          "sub": "vm-1", "number": 42, "decimal": 42.0, "yes": true, "nothing": null, "empty": "", "groups": ["a", "b", 7],
          "nested": [["a"]],
          "google": { "compute_engine": { "project_id": "ci-prod" } },
          "https://sts.amazonaws.com/": { "principal": "x" }, "a/b": "slash", "m~n": "tilde"
        }
        """;

    [Theory]
    [InlineData("sub", "vm-*", true, "a plain top-level name")]
    [InlineData("/sub", "vm-1", true, "the same as a pointer")]
    [InlineData("sub", "vm", false, "no prefix match")]
    [InlineData("missing", "*", false, "a missing claim never matches")]
    [InlineData("/google/compute_engine/project_id", "ci-prod", true, "nested")]
    [InlineData("/google/compute_engine", "*", false, "an object never matches")]
    [InlineData("google/compute_engine/project_id", "*", false, "a plain name is no path")]
    [InlineData("number", "42", true, "a number by its text")]
    [InlineData("decimal", "42", false, "and by nothing else")]
    [InlineData("yes", "true", true, "a boolean by its text")]
    [InlineData("yes", "True", false, "in JSON's spelling")]
    [InlineData("nothing", "*", false, "null never matches")]
    [InlineData("nothing", "null", false, "not even by its name")]
    [InlineData("empty", "*", true, "an empty text is a value")]
    [InlineData("groups", "b", true, "one element of an array will do")]
    [InlineData("groups", "7", true, "also a number")]
    [InlineData("groups", "c", false, "but one must")]
    [InlineData("/groups/0", "a", true, "an element by its index")]
    [InlineData("/groups/00", "a", false, "an index has no leading zero")]
    [InlineData("/groups/9", "*", false, "past the end")]
    [InlineData("/groups/-", "*", false, "the element after the last")]
    [InlineData("nested", "a", false, "an array in an array is no value")]
    [InlineData("https://sts.amazonaws.com/", "*", false, "a name with slashes is a plain name, here of an object")]
    [InlineData("/https:~1~1sts.amazonaws.com~1/principal", "x", true, "escaped slashes")]
    [InlineData("/a~1b", "slash", true, "~1 is a slash")]
    [InlineData("/m~0n", "tilde", true, "~0 is a tilde")]
    public void A_claim_matches(string claim, string pattern, bool expected, string why)
    {
        Assert.True(ClaimPointer.TryParse(claim, out var pointer));
        var rule = new ClaimRule(pointer, [new Pattern("other"), new Pattern(pattern)]);
        Assert.True(expected == rule.IsMetBy(new CallerClaims("gce", JsonElement.Parse(Payload), default)), why);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("/a~2b")]
    [InlineData("/a~")]
    public void An_invalid_pointer_is_refused(string? text) => Assert.False(ClaimPointer.TryParse(text, out _));
}
