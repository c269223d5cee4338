using System.Text.Json;
using TokenBroker.GitHub;

namespace TokenBroker.Tests.GitHub;

public sealed class GitHubMessageTests
{
    [Theory]
    [InlineData("""{"message":"Not Found"}""", "Not Found", "as it is")]
    [InlineData("""{"message":" a\tb\u0007\u0085c\r\n"}""", "a b  c", "control characters become spaces")]
    [InlineData("""{"message":"a\u2028b\u202ec"}""", "a b c", "line separators and marks that turn the writing around")]
    [InlineData("""{"message":"Zoë 🙂"}""", "Zoë 🙂", "other writing stays")]
    [InlineData("""{"message":"\r\n"}""", null, "nothing is left")]
    [InlineData("""{"message":null}""", null, "no text")]
    [InlineData("""{"message":"a\ud800b"}""", null, "half a character")]
    [InlineData("""{"Message":"a"}""", null, "another member")]
    [InlineData("""["message"]""", null, "no object")]
    public void A_message_is_fit_to_be_passed_on(string json, string? expected, string why) =>
        Assert.True(expected == GitHubAnswer.MessageOf(JsonElement.Parse(json)), why);

    [Fact]
    public void No_body_has_no_message() => Assert.Null(GitHubAnswer.MessageOf(default));

    [Theory]
    [InlineData(300, 300)]
    [InlineData(301, 300)]
    [InlineData(100_000, 300)]
    public void A_message_is_capped(int length, int expected) => Assert.Equal(expected, Of(new string('x', length))!.Length);

    [Fact]
    public void No_character_is_cut_in_half()
    {
        var text = Of(new string('x', 299) + "🙂")!;
        Assert.Equal(new string('x', 299), text);
    }

    private static string? Of(string message) => GitHubAnswer.MessageOf(
        JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal) { ["message"] = message }));
}
