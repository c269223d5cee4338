using System.Text;
using System.Text.Json;
using TokenBroker.Hosting;

namespace TokenBroker.GitHub;

/// <summary>The <c>message</c> of GitHub's errors, cleaned and capped: it is passed on to callers and into logs.</summary>
internal static class GitHubMessage
{
    private const int Longest = 300;

    public static string? Of(JsonElement body)
    {
        var cleaned = new StringBuilder();
        foreach (var rune in (GitHubAnswer.Text(body, "message") ?? "").EnumerateRunes())
        {
            if (cleaned.Length + rune.Utf16SequenceLength > Longest)
                break;
            cleaned.Append(ReadableText.IsHidden(rune) ? " " : rune.ToString());
        }

        var text = cleaned.ToString().Trim();
        return text.Length > 0 ? text : null;
    }
}
